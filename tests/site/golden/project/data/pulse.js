runhooks.put("pulse",{"settled":"ba2bcf325bd596c4","running":"61e090843cfb7aa5","poll_s":30});
