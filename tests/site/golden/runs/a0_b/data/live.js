runhooks.put("live",{"run":"a0 b","revision":"4b95b4f2e3971c62","state":"running","heartbeat":{"at":1795000000000000,"seq":3},"last_step":null,"last_log_at":null,"ended_at":null});
