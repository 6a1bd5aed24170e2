"""TFDS offline and in little memory; import `tfds` from here rather than directly.

In the main thread, before there are others: while TFDS is imported, no thread can import anything
(it has `__import__` be another function meanwhile).
"""

from dcgan_jax.data import quiet_tensorflow  # noqa: F401, I001
import tensorflow_datasets as tfds
from tensorflow_datasets.core import shuffle

__all__ = ["tfds"]

# TFDS would ask a cloud bucket for its catalogue, and hang for minutes without a network.
tfds.core.utils.gcs_utils._is_gcs_disabled = True

# TFDS would gather a gigabyte of records in memory before it writes the first.
shuffle.MAX_MEM_BUFFER_SIZE = 2**27
