"""TensorFlow and TFDS as feeders of data only: silent, offline, and without the accelerators.

Import `tf` and `tfds` from here rather than directly: each setting must come before its first use.
"""

import contextlib
import os

# No start-up chatter, and no oneDNN notice about kernels that are not used.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import shuffle

__all__ = ["tf", "tfds"]

# TensorFlow would take the accelerator's memory, and a TPU belongs to one user at a time.
for _accelerator in ("GPU", "TPU"):
  # Where TensorFlow runs already, its devices are settled.
  with contextlib.suppress(RuntimeError, ValueError):
    tf.config.set_visible_devices([], _accelerator)

# TFDS would ask a cloud bucket for its catalogue, and hang for minutes without a network.
tfds.core.utils.gcs_utils._is_gcs_disabled = True

# TFDS would gather a gigabyte of records in memory before it writes the first.
shuffle.MAX_MEM_BUFFER_SIZE = 2**27
