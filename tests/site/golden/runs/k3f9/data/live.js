runhooks.put("live",{"run":"k3f9","revision":"25106c5148f9a192","system":null,"state":"failed","heartbeat":null,"last_step":2076,"last_log_at":1795002076000000,"ended_at":1795000020000000});
