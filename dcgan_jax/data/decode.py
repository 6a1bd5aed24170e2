"""Image file bytes → a uint8 image of a set's shape, or the reason why not."""

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

from dcgan_jax.data.jpeg_scans import jpeg_problem
from dcgan_jax.data.records import FACE_SHAPE, Shape

EXTENSIONS = (
  ".bmp",
  ".gif",
  ".jfif",
  ".jpe",
  ".jpeg",
  ".jpg",
  ".pbm",
  ".pgm",
  ".png",
  ".ppm",
  ".tif",
  ".tiff",
  ".webp",
)
# Named, since Pillow would else try every format it knows, PostScript by way of Ghostscript too.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
# A 64-megapixel photograph is real; a small file that claims more is a bomb or damaged.
MAX_PIXELS = 64_000_000
_NO_RANGE = "{} pixels have no agreed range; save it as 8 or 16 bits"


class ItemError(Exception):
  """One file or row that cannot be used; the text is the reason, without the item's name.

  Attributes:
    hint: a sentence on the likely cause, or ''.
  """

  def __init__(self, reason: str, hint: str = ""):
    super().__init__(reason)
    self.hint = hint


def decode_image(data: bytes, shape: Shape = FACE_SHAPE) -> np.ndarray:
  """Decodes an image file to uint8 [height, width, channels].

  Transparency lies on white, 16-bit gray is scaled to 8 bits (v/257, rounded), an EXIF rotation is
  applied, and of an animation the first frame is taken. For one channel colour becomes luma
  (ITU-R 601), for three gray is repeated. An image of another size is cropped to the largest
  square in its middle, so that no face is squeezed, and resized with Pillow's antialiased bicubic
  filter.

  Args:
    data: the file.
    shape: height, width (equal) and channels (1 or 3) of the result.

  Raises:
    ItemError: not an image, damaged, absurdly large, or of a pixel type with no agreed range.
  """
  with open_image(data) as image:
    image = with_channels(image, shape[2])
  side = min(image.size)
  left, top = (image.width - side) // 2, (image.height - side) // 2
  return resized(image, (left, top, left + side, top + side), shape)


def with_channels(image: Image.Image, channels: int) -> Image.Image:
  """The image in 8-bit gray (1 channel) or RGB (3), as `decode_image` describes.

  Raises:
    ItemError: of a pixel type with no agreed range.
  """
  if image.mode.startswith("I"):
    image = _from_16_bits(np.asarray(image))
  elif image.mode == "F":
    raise ItemError(_NO_RANGE.format("floating-point"))
  elif image.has_transparency_data:
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    image = Image.alpha_composite(white, image)
  elif image.mode == "P":
    image = image.convert("RGB")  # else the palette's gray values would be rounded twice
  return image.convert("L" if channels == 1 else "RGB")


def resized(image: Image.Image, box: tuple[float, float, float, float], shape: Shape) -> np.ndarray:
  """A box (left, top, right, bottom) of an L or RGB image as uint8 of a shape, antialiased bicubic.

  A box of that size already keeps its pixels.
  """
  height, width, _ = shape
  fitted = image.resize((width, height), Image.Resampling.BICUBIC, box=box)
  return np.asarray(fitted, np.uint8).reshape(shape).copy()


@contextlib.contextmanager
def open_image(data: bytes) -> Iterator[Image.Image]:
  """Reads an image file's pixels as they are, of an animation the first frame's, EXIF-rotated.

  Convert them inside the block: whatever Pillow raises there is told as damage too.

  Raises:
    ItemError: not an image, damaged or absurdly large; or raised by the block itself.
  """
  if not data:
    raise ItemError("the file is empty")
  if problem := jpeg_problem(data):
    raise ItemError(f"{problem}: damaged or hostile")
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore")  # Pillow warns of what MAX_PIXELS refuses, and of odd EXIF
      image = Image.open(io.BytesIO(data), formats=_FORMATS)
      _check_dimensions(*image.size)
      if image.format == "TIFF" and image.mode == "I":
        raise ItemError(_NO_RANGE.format("32-bit or signed"))  # else mode I holds 16 bits
      yield ImageOps.exif_transpose(image)
  except ItemError:
    raise
  except Image.UnidentifiedImageError as error:
    raise ItemError(f"not an image; {_look(data)}") from error
  except Image.DecompressionBombError as error:
    raise ItemError(f"claims more than {MAX_PIXELS:,} pixels: damaged or hostile") from error
  except Exception as error:  # on damaged bytes Pillow's readers raise nearly anything
    raise ItemError(f"damaged image: {error}") from error


def _check_dimensions(width: int, height: int) -> None:
  if width * height > MAX_PIXELS:
    raise ItemError(
      f"claims {width:,}×{height:,} pixels, over the limit of {MAX_PIXELS:,}: damaged or hostile"
    )


def _from_16_bits(values: np.ndarray) -> Image.Image:
  # 65535 = 255 · 257, so white stays white; Pillow's own conversion clips at 255 instead.
  return Image.fromarray(((values.astype(np.int64) + 128) // 257).astype(np.uint8))


def _look(data: bytes) -> str:
  """What the file seems to be instead."""
  head = data[:64]
  if head.isascii() and all(byte >= 32 or byte in b"\t\r\n" for byte in head):
    return f"it is text that begins {head[:24].decode()!r}"
  return f"it begins with the bytes {head[:8].hex(' ')}"
