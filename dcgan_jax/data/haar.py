"""Where the face is in a picture: OpenCV's Haar cascade (Dong and Li, section 4.2).

The source says that OpenCV and a Haar cascade found the faces, that the face regions were cropped
and resized to 64×64×3, and that images without a face were discarded; it names neither the cascade
nor its settings. Those here were chosen on every 25th of 10,000 CelebA pictures of 89×109, in each
of which there is one face in the middle.
"""

import math
import pathlib
from typing import Any

import numpy as np
from PIL import Image

from dcgan_jax.data.decode import open_image, resized, with_channels
from dcgan_jax.data.records import Shape, UnsuitableError
from dcgan_jax.errors import UserError

# It found 96.3 % of the faces and put none beside the face; frontalface_default found 95.0 % and
# misplaced 1.3 % of its boxes. A finer scale (1.05, 5 neighbours) found 97.0 %, misplaced 0.5 %,
# and took twice the time.
CASCADE = "haarcascade_frontalface_alt2.xml"
SCALE_FACTOR = 1.1
MIN_NEIGHBORS = 3
# The window that the cascade was trained with. What is found between this and MIN_FACE tells a
# face that is too small from no face.
_WINDOW = 24
# A smaller face would be enlarged more than one and a half times (64 / (1.3 · 32)).
MIN_FACE = 32
# The box goes from the brows' upper edge to the chin; so much more on each side shows all of both.
MARGIN = 0.15
# Faces are looked for in a copy of at most so many pixels a side, and only where there are none in
# a larger one, whose smallest find is MIN_FACE pixels: that takes seconds for a large photograph.
_SEARCH_SIDE = 1024
_FINEST = MIN_FACE / _WINDOW


class FaceFinder:
  """Crops the largest face of a picture.

  Attributes:
    description: what finds the faces, in a sentence for the report.
  """

  def __init__(self) -> None:
    """Loads the cascade.

    Raises:
      UserError: OpenCV is not installed, or without the cascades (OpenCV 5).
    """
    try:
      import cv2
    except ImportError as error:
      raise UserError(
        'faces are found with OpenCV, which is not installed.\nInstall it:  pip install ".[faces]"'
      ) from error
    folder = pathlib.Path(cv2.__file__).parent / "data"
    if not (folder / CASCADE).is_file():
      raise UserError(
        f"OpenCV {cv2.__version__} comes without {CASCADE}; OpenCV 4 has it.\n"
        'Install that:  pip install ".[faces]"'
      )
    # Threads report candidates in the order they find them, and their grouping depends on it.
    cv2.setNumThreads(1)
    self._cascade: Any = cv2.CascadeClassifier(str(folder / CASCADE))
    self.description = (
      f"faces by OpenCV {cv2.__version__}, {CASCADE} (scaleFactor {SCALE_FACTOR}, minNeighbors "
      f"{MIN_NEIGHBORS}): the largest of each picture, {MARGIN:.0%} added on each side"
    )

  def crop(self, data: bytes, shape: Shape) -> np.ndarray:
    """The largest face of a picture, as a square with some margin.

    The square lies inside the picture: at an edge it is moved, and is no larger than the picture.
    Of several faces the largest is taken, which is who the picture is of; of equal ones the
    leftmost. An EXIF rotation is applied before.

    Args:
      data: the image file, colour or gray, of any size.
      shape: height, width (equal) and channels (1 or 3) of the result.

    Returns:
      uint8 of that shape, by Pillow's antialiased bicubic filter.

    Raises:
      ItemError: as for `decode.decode_image`.
      UnsuitableError: no face, or none of MIN_FACE pixels.
    """
    with open_image(data) as image:
      image = with_channels(image, shape[2])
    return resized(image, square(self.find(image), image.size), shape)

  def find(self, image: Image.Image) -> tuple[float, float, float]:
    """The largest face of an L or RGB image: left, top and side of its box in pixels.

    Raises:
      UnsuitableError: no face, or none of MIN_FACE pixels.
    """
    gray = image.convert("L")
    scale = max(1.0, max(image.size) / _SEARCH_SIDE)
    boxes = self._search(gray, scale)
    if not boxes and scale > _FINEST:
      scale = _FINEST
      boxes = self._search(gray, scale)
    if not boxes:
      raise UnsuitableError("no face found")
    left, top, side, _ = min(boxes, key=lambda box: (-box[2], box))
    if side * scale < MIN_FACE:
      raise UnsuitableError(f"face below {MIN_FACE} pixels")
    return left * scale, top * scale, side * scale

  def _search(self, gray: Image.Image, scale: float) -> list[tuple[int, ...]]:
    """Left, top, width, height of each face in a copy that is smaller by `scale`, in its pixels."""
    if scale > 1:
      size = (math.ceil(gray.width / scale), math.ceil(gray.height / scale))
      gray = gray.resize(size, Image.Resampling.BICUBIC)
    found = self._cascade.detectMultiScale(
      np.asarray(gray), SCALE_FACTOR, MIN_NEIGHBORS, minSize=(_WINDOW, _WINDOW)
    )
    return [tuple(int(value) for value in box) for box in found]


def square(
  face: tuple[float, float, float], size: tuple[int, int]
) -> tuple[float, float, float, float]:
  """The box to crop (left, top, right, bottom): the face with its margin, inside the picture.

  Args:
    face: left, top and side of the face.
    size: width and height of the picture.
  """
  left, top, side = face
  width, height = size
  whole = min(side * (1 + 2 * MARGIN), width, height)
  grown = (whole - side) / 2
  left = min(max(left - grown, 0), width - whole)
  top = min(max(top - grown, 0), height - whole)
  return left, top, left + whole, top + whole
