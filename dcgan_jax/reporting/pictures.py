"""Pictures of a workdir as a page holds them: fewer, smaller, and part of the file itself."""

import base64
import functools
import io
import pathlib
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from dcgan_jax.files import check_file

T = TypeVar("T")

MOST_FRAMES = 24  # of a slider: a page of some megabytes
# A picture that a run draws has 0.6 million pixels.
_MAX_PIXELS, _MAX_SIDE = 16_000_000, 16_000  # WebP's sides have 14 bits
_QUALITY = 82


class Picture(NamedTuple):
  """A picture inside a page."""

  url: str  # data:image/webp;base64,…
  width: int  # pixels
  height: int


class PictureError(Exception):
  """A file that is no picture, or only half of one; the text is the reason."""


def picture(path: pathlib.Path, scale: int = 2) -> Picture:
  """Reads a PNG of which each pixel is `scale` wide and high, as runs draw them, at scale 1.

  Raises:
    PictureError: it cannot be read.
  """
  try:
    check_file(path)
    status = path.stat()
    return _encoded(path, status.st_mtime_ns, status.st_size, scale)
  except OSError as error:
    raise PictureError(error.strerror or "not a whole picture") from error


# A page is written again and again while a run goes on, with mostly the same pictures in it.
@functools.lru_cache(maxsize=8 * MOST_FRAMES)
def _encoded(path: pathlib.Path, modified: int, size: int, scale: int) -> Picture:
  del modified, size  # they tell one picture from the next at the same path
  try:
    with PngImageFile(path) as file:  # Image.open would print a warning of what is refused here
      if file.width * file.height > _MAX_PIXELS or max(file.size) > _MAX_SIDE:
        raise PictureError(f"{file.width}×{file.height} pixels, more than a run draws")
      small = file.resize(
        (max(1, file.width // scale), max(1, file.height // scale)), Image.Resampling.NEAREST
      )
  except (OSError, PictureError):
    raise
  except Exception as error:  # on damaged bytes Pillow's readers raise nearly anything
    raise PictureError("not a whole picture") from error
  out = io.BytesIO()
  small.convert("RGB" if small.mode not in ("L", "RGB") else small.mode).save(
    out, "WEBP", quality=_QUALITY
  )
  url = f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
  return Picture(url, small.width, small.height)


def spread(items: Sequence[T], most: int = MOST_FRAMES) -> list[T]:
  """At most so many of the items, the first and the last among them, evenly in between."""
  if len(items) <= most:
    return list(items)
  return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
