"""Property tests have no deadline for one example: a busy machine takes its time."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
