"""TensorFlow as a feeder of data only: silent, and without the accelerators.

Import `tf` from here rather than directly: each setting must come before its first use.
"""

import contextlib
import os

# No start-up chatter, and no oneDNN notice about kernels that are not used.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import tensorflow as tf

__all__ = ["tf"]

# TensorFlow would take the accelerator's memory, and a TPU belongs to one user at a time.
for _accelerator in ("GPU", "TPU"):
  # Where TensorFlow runs already, its devices are settled.
  with contextlib.suppress(RuntimeError, ValueError):
    tf.config.set_visible_devices([], _accelerator)
