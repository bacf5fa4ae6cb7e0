"""Reading what other programs wrote, one file a program, and storing it as runs."""
