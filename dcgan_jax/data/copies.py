"""Held-out images that also occur in training: they test memory. FER-2013 has hundreds."""

import hashlib

import numpy as np

from dcgan_jax.waiting import counted


def occurs_in(images: np.ndarray, others: np.ndarray) -> np.ndarray:
  """Which images are, byte for byte, among the others; bool [n]."""
  known = {_digest(image) for image in counted(others, "looking for copies", " images")}
  return np.array([_digest(image) in known for image in images], bool)


def without_copies(name: str, copies: int) -> str:
  """How images are called that are left after exact copies of training images are left out."""
  if not copies:
    return name
  return f"{name} without {copies:,} {'copy' if copies == 1 else 'copies'} of training images"


def _digest(image: np.ndarray) -> bytes:
  return hashlib.sha256(np.ascontiguousarray(image).data).digest()
