"""A split's pixels as one .npy file, for splits that are larger than memory should have to hold.

The training stream takes its images in an order of its own, a few at a time: records would have to
be decoded from their beginning for that, a mapped array is read where it is asked.
"""

import contextlib
import math
import pathlib
from collections.abc import Callable, Iterator

import numpy as np

from dcgan_jax.data.records import Shape

# Above so many bytes of pixels: what a small laptop or a free notebook can spare beside the
# training.
LIMIT = 2**30


def name_for(split: str, num_images: int, shape: Shape) -> str | None:
  """The pixel file of a split with so many images of a shape; None where memory holds them."""
  return f"{split}.npy" if num_images * math.prod(shape) > LIMIT else None


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


def mapped(path: pathlib.Path, num_images: int, shape: Shape) -> np.ndarray:
  """A pixel file as a read-only uint8 [n, height, width, channels], read where it is indexed.

  Raises:
    OSError: missing.
    ValueError: cut short, or not the pixels of so many images of that shape.
  """
  images = np.lib.format.open_memmap(path, mode="r")
  if images.dtype != np.uint8 or images.shape != (num_images, *shape):
    raise ValueError(f"{path}: {images.dtype} {images.shape}, expected uint8 {num_images, *shape}")
  return images
