"""Image file bytes → grayscale uint8 48×48×1, or the reason why not."""

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

SIZE = 48
EXTENSIONS = (
  ".bmp",
  ".gif",
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


class ItemError(Exception):
  """One file or row that cannot be used; the text is the reason, without the item's name.

  Attributes:
    hint: a sentence on the likely cause, or ''.
  """

  def __init__(self, reason: str, hint: str = ""):
    super().__init__(reason)
    self.hint = hint


def decode_image(data: bytes) -> np.ndarray:
  """Decodes an image file to uint8 [48, 48, 1].

  Colour becomes luma (ITU-R 601), transparency lies on white, 16-bit gray is scaled to 8 bits
  (v/257, rounded), an EXIF rotation is applied, and of an animation the first frame is taken. An
  image of another size is cropped to the largest square in its middle, so that no face is
  squeezed, and resized with Pillow's antialiased bicubic filter.

  Raises:
    ItemError: not an image, damaged, absurdly large, or of a pixel type with no agreed range.
  """
  with open_image(data) as image:
    gray = _to_gray(image)
  return np.asarray(_to_size(gray), np.uint8)[:, :, None].copy()


@contextlib.contextmanager
def open_image(data: bytes) -> Iterator[Image.Image]:
  """Reads an image file's pixels as they are, of an animation the first frame's, EXIF-rotated.

  Convert them inside the block: whatever Pillow raises there is told as damage too.

  Raises:
    ItemError: not an image, damaged or absurdly large; or raised by the block itself.
  """
  if not data:
    raise ItemError("the file is empty")
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore")  # Pillow warns of what MAX_PIXELS refuses, and of odd EXIF
      image = Image.open(io.BytesIO(data), formats=_FORMATS)
      _check_dimensions(*image.size)
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


def _to_gray(image: Image.Image) -> Image.Image:
  if image.mode.startswith("I"):
    return _from_16_bits(np.asarray(image))
  if image.mode == "F":
    raise ItemError("floating-point pixels have no agreed range; save it as 8 or 16 bits")
  if image.has_transparency_data:
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    image = Image.alpha_composite(white, image)
  elif image.mode == "P":
    image = image.convert("RGB")  # else the palette's gray values would be rounded twice
  return image.convert("L")


def _from_16_bits(values: np.ndarray) -> Image.Image:
  if values.min() < 0 or values.max() > 65_535:
    raise ItemError("32-bit pixels have no agreed range; save it as 8 or 16 bits")
  # 65535 = 255 · 257, so white stays white; Pillow's own conversion clips at 255 instead.
  return Image.fromarray(((values.astype(np.int64) + 128) // 257).astype(np.uint8))


def _to_size(gray: Image.Image) -> Image.Image:
  if gray.size == (SIZE, SIZE):
    return gray
  side = min(gray.size)
  left, top = (gray.width - side) // 2, (gray.height - side) // 2
  box = (left, top, left + side, top + side)
  return gray.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=box)


def _look(data: bytes) -> str:
  """What the file seems to be instead."""
  head = data[:64]
  if head.isascii() and all(byte >= 32 or byte in b"\t\r\n" for byte in head):
    return f"it is text that begins {head[:24].decode()!r}"
  return f"it begins with the bytes {head[:8].hex(' ')}"
