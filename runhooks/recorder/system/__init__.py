"""System metrics: what the training processes, their machine and its GPUs do, sampled by the recorder."""
