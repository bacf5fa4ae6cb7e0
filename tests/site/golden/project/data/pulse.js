runhooks.put("pulse",{"settled":"a5c7f83849fc11fb","running":"61e090843cfb7aa5","poll_s":30});
