runhooks.put("live",{"run":"a0 b","revision":"f4f783935ecd3213","system":null,"state":"running","heartbeat":{"at":1795000000000000,"seq":3},"last_step":null,"last_log_at":null,"ended_at":null});
