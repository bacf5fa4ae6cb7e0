"""What runs in the training process: opening a run, logging, finishing. Imports nothing heavy."""
