"""The hash that says whether two runs, or two scores, saw the same images."""

import hashlib
from collections.abc import Iterable

import numpy as np


def fingerprint(images: Iterable[np.ndarray], labels: np.ndarray) -> str:
  """SHA-256 (hex) of every image's bytes in order, then of the labels as little-endian int32.

  Args:
    images: uint8, of any shape; one or some at a time, so that they need not fit in memory.
    labels: integers [n], -1 where unlabelled.
  """
  digest = hashlib.sha256()
  for image in images:
    digest.update(np.ascontiguousarray(image, np.uint8).data)
  digest.update(np.ascontiguousarray(labels, "<i4").data)
  return digest.hexdigest()
