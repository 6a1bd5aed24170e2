"""Decoded images on disk while a set is being prepared.

Whether an image stays (duplicates, constants), where it goes (subjects) and in what order (names)
is known only when all have been seen, and a compressed tar can be read well only once. So every
image is decoded once into a scratch file, 2,304 bytes each, and only its record is kept in memory.
"""

import hashlib
import pathlib

import numpy as np

from dcgan_jax.data.decode import SIZE
from dcgan_jax.data.records import Face, Record

_BYTES = SIZE * SIZE


class Spool:
  """A scratch file of uint8 48×48×1 images, appended once and read in any order."""

  def __init__(self, path: pathlib.Path):
    self._file = path.open("x+b")
    self._count = 0

  def add(self, face: Face) -> Record:
    """Stores a face's pixels, and returns its record."""
    pixels = face.image.tobytes()
    assert len(pixels) == _BYTES, f"{face.source}: {face.image.shape} {face.image.dtype}"
    self._file.write(pixels)
    self._count += 1
    return Record(
      source=face.source,
      label=face.label,
      split=face.split,
      subject=face.subject,
      action_units=face.action_units,
      position=self._count - 1,
      digest=hashlib.sha256(pixels).digest()[:16],
      constant=pixels.count(pixels[0]) == _BYTES,
    )

  def read(self, record: Record) -> np.ndarray:
    """The pixels of a record: uint8 [48, 48, 1]."""
    self._file.seek(record.position * _BYTES)
    return np.frombuffer(self._file.read(_BYTES), np.uint8).reshape(SIZE, SIZE, 1)

  def close(self) -> None:
    """Closes the file; its owner removes it."""
    self._file.close()
