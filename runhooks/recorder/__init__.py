"""The internal process that does what the training process must not wait for."""
