"""What the loops of all frameworks have in common: whose run it is, faults, ends, speed, checkpoints."""
