"""Decoded images on disk while a set is being prepared.

Whether an image stays (duplicates, constants), where it goes (subjects) and in what order (names)
is known only when all have been seen, and a compressed tar can be read well only once. So every
image is decoded once into a scratch file, one byte a value, and only its record is kept in memory.
"""

import hashlib
import math
import pathlib

import numpy as np

from dcgan_jax.data.records import Face, Record, Shape


class Spool:
  """A scratch file of uint8 images, appended once and read in any order.

  Attributes:
    shape: height, width and channels of each.
  """

  def __init__(self, path: pathlib.Path, shape: Shape):
    self.shape = shape
    self._bytes = math.prod(shape)
    self._file = path.open("x+b")
    self._count = 0

  def add(self, face: Face) -> Record:
    """Stores a face's pixels, and returns its record."""
    pixels = face.image.tobytes()
    assert face.image.shape == self.shape, f"{face.source}: {face.image.shape}"
    assert face.image.dtype == np.uint8, f"{face.source}: {face.image.dtype}"
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
      constant=bool((face.image == face.image[0, 0]).all()),
    )

  def read(self, record: Record) -> np.ndarray:
    """The pixels of a record: uint8 [height, width, channels]."""
    self._file.seek(record.position * self._bytes)
    return np.frombuffer(self._file.read(self._bytes), np.uint8).reshape(self.shape)

  def close(self) -> None:
    """Closes the file; its owner removes it."""
    self._file.close()
