"""The console: what a program wrote, as a terminal would show it."""
