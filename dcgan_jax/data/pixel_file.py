"""A split's pixels as one .npy file, which training takes its images from.

It takes them in an order of its own, a few at a time: TFDS's records would have to be decoded from
their beginning for that, and by TensorFlow. Of a split that is larger than memory should have to
hold, the file is mapped and read where it is asked.
"""

import contextlib
import mmap
import pathlib
import tokenize
from collections.abc import Callable, Iterator

import numpy as np

from dcgan_jax.data.records import Shape

# Above so many bytes of pixels: what a small laptop or a free notebook can spare beside the
# training.
LIMIT = 2**30


def name(split: str) -> str:
  """The file of a split in its set's folder."""
  return f"{split}.npy"


@contextlib.contextmanager
def writing(
  path: pathlib.Path, num_images: int, shape: Shape
) -> Iterator[Callable[[np.ndarray], None]]:
  """Yields what appends an image; it is to be called num_images times, with uint8 of that shape.

  Raises:
    OSError: the disk is full or fails.
  """
  # Not by mapping it: on a full disk a mapped write kills the process.
  with path.open("wb") as file:
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_images, *shape)}
    np.lib.format.write_array_header_1_0(file, header)
    yield lambda image: (file.write(np.ascontiguousarray(image).data), None)[1]


def read(path: pathlib.Path, num_images: int, shape: Shape) -> np.ndarray:
  """Read-only uint8 [n, height, width, channels]; above LIMIT mapped. Errors as for `mapped`."""
  images = mapped(path, num_images, shape)
  if images.nbytes > LIMIT:
    return images
  loaded: np.ndarray = np.load(path)  # a copy of what is mapped would be in memory twice
  loaded.flags.writeable = False
  return loaded


def mapped(path: pathlib.Path, num_images: int, shape: Shape) -> np.ndarray:
  """Read-only uint8 [n, height, width, channels] that is read from disk where it is indexed.

  Raises:
    OSError: missing.
    ValueError: cut short, or not the pixels of so many images of that shape.
  """
  try:
    images = np.lib.format.open_memmap(path, mode="r")
  except tokenize.TokenError as error:  # what NumPy lets through of a damaged header
    raise ValueError(f"{path}: {error}") from error
  if images.dtype != np.uint8 or images.shape != (num_images, *shape):
    raise ValueError(f"{path}: {images.dtype} {images.shape}, expected uint8 {num_images, *shape}")
  return images


def passed_through(images: np.ndarray) -> Iterator[np.ndarray]:
  """The images in order, some at a time; of a mapped file no more than those are in memory."""
  for start in range(0, len(images), 1024):
    yield images[start : start + 1024]
    release(images)


def release(images: np.ndarray) -> None:
  """Takes what was read of a mapped file out of this process's resident memory.

  It stays in the system's cache as long as there is room, and is read anew where it is indexed.
  """
  if isinstance(images, np.memmap) and isinstance(images.base, mmap.mmap):
    images.base.madvise(mmap.MADV_DONTNEED)
