"""Callbacks for ML frameworks, one file each; every one uses only what users see of runhooks."""
