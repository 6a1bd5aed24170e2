"""Hostile pictures: claimed sizes, chunks that unpack, scans without number; and a sound one."""

import contextlib
import io
import pathlib
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageFile

from .cases import Maker
from .zeros import MIB, deflated_zeros


def face(seed: int = 0, kind: str = "PNG") -> bytes:
  """A sound picture of 48×48."""
  pixels = np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)
  return _as_file(kind, Image.fromarray(pixels))


def _chunk(kind: bytes, data: bytes) -> bytes:
  return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes, kind: tuple[int, int] = (8, 0)) -> bytes:
  header = struct.pack(">2L5B", width, height, *kind, 0, 0, 0)
  return b"\x89PNG\r\n\x1a\n" + b"".join([_chunk(b"IHDR", header), *chunks, _chunk(b"IEND", b"")])


def _zlib_zeros(size: int) -> bytes:
  return b"\x78\xda" + b"".join(deflated_zeros(size))


def _as_file(kind: str, image: Image.Image, **options: object) -> bytes:
  file = io.BytesIO()
  image.save(file, kind, **options)
  return file.getvalue()


def _gif_of_a_huge_frame() -> bytes:
  frame = b"," + struct.pack("<4HB", 65000, 65000, 65000, 65000, 0) + b"\2\2\x4c\1\0;"
  return b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + bytes(6) + frame


def _huge_bmp() -> bytes:
  sizes = struct.pack("<L2l2H6L", 40, 2**31 - 1, -(2**31), 1, 24, 0, 0, 0, 0, 0, 0)
  return b"BM" + struct.pack("<3L", 99, 0, 54) + sizes


def _jpeg_of_many_scans() -> bytes:
  """20 megapixels that are refined 30,000 times."""
  with _whole_files():
    data = _as_file("JPEG", Image.new("L", (5000, 4000), 99), progressive=True)
  last = data.rindex(b"\xff\xda")
  return data[:last] + data[last:-2] * 30_000 + b"\xff\xd9"


@contextlib.contextmanager
def _whole_files() -> Iterator[None]:
  before, ImageFile.MAXBLOCK = ImageFile.MAXBLOCK, 2**26  # a progressive JPEG is one block
  try:
    yield
  finally:
    ImageFile.MAXBLOCK = before


def _tiff_of_a_huge_tag() -> bytes:
  sound = _as_file("TIFF", Image.new("L", (8, 8)))
  count = struct.unpack_from("<H", sound, struct.unpack_from("<L", sound, 4)[0])[0]
  place = struct.unpack_from("<L", sound, 4)[0] + 2 + 12 * (count - 1)
  return sound[:place] + struct.pack("<HHLL", 700, 1, 2**31, 8) + sound[place + 12 :]


def _noisy(width: int, height: int, mode: str) -> Image.Image:
  return Image.frombytes(mode, (width, height), random.Random(0).randbytes(width * height))


# File name → contents; none of them can be used.
PICTURES: dict[str, Callable[[], bytes]] = {
  "empty.png": lambda: b"",
  "largest.png": lambda: _png(2**31 - 1, 2**31 - 1, _chunk(b"IDAT", b"")),
  "60000.png": lambda: _png(60_000, 60_000, _chunk(b"IDAT", _zlib_zeros(64 * MIB))),
  "0x0.png": lambda: _png(0, 0, _chunk(b"IDAT", zlib.compress(b""))),
  "text-chunk.png": lambda: _png(
    8, 8, _chunk(b"zTXt", b"a\0\0" + _zlib_zeros(2**30)), _chunk(b"IDAT", zlib.compress(bytes(72)))
  ),
  "profile.png": lambda: _png(
    8, 8, _chunk(b"iCCP", b"a\0\0" + _zlib_zeros(2**30)), _chunk(b"IDAT", b"")
  ),
  "many-chunks.png": lambda: _png(8, 8, _chunk(b"tEXt", b"a\0" + bytes(1000)) * 100_000),
  "short-of-pixels.png": lambda: _png(8000, 8000, _chunk(b"IDAT", zlib.compress(b"\0"))),
  "cut.png": lambda: face()[:1000],
  "cut.jpg": lambda: face(kind="JPEG")[:700],
  "cut.gif": lambda: _as_file("GIF", _noisy(200, 200, "L"))[:900],
  "svg.png": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9e9" height="9e9"/>',
  "postscript.png": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
  "huge-frame.gif": _gif_of_a_huge_frame,
  "huge.bmp": _huge_bmp,
  "huge.ppm": lambda: b"P6 99999999 99999999 255\n",
  "endless.ppm": lambda: b"P3 " + b"9" * 10_000_000,
  "scans.jpg": _jpeg_of_many_scans,
  "segments.jpg": lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 2**25 + face(kind="JPEG")[2:],
}


def _large(mode: str, kind: str) -> bytes:
  return _as_file(kind, Image.new(mode, (8000, 8000)))


# These can be used, at their price.
LARGE_PICTURES: dict[str, Callable[[], bytes]] = {
  "rgba.png": lambda: _large("RGBA", "PNG"),
  "palette.png": lambda: _large("P", "PNG"),
  "gray16.png": lambda: _large("I;16", "PNG"),
  "tag.tif": _tiff_of_a_huge_tag,
  "tiff-as.png": lambda: face(kind="TIFF"),
  "rotated.jpg": lambda: _as_file("JPEG", Image.new("RGB", (8000, 8000)), exif=_turned()),
  "animated.gif": lambda: _as_file(
    "GIF",
    Image.new("L", (8, 8)),
    save_all=True,
    append_images=[Image.new("L", (8, 8), shade) for shade in range(255)],
  ),
}


def _turned() -> Image.Exif:
  exif = Image.Exif()
  exif[0x0112] = 5
  return exif


def picture(name: str) -> Maker:
  """A maker of a folder with one of PICTURES or LARGE_PICTURES in it."""

  def make(place: pathlib.Path) -> pathlib.Path:
    raw = place / "pictures"
    raw.mkdir(exist_ok=True)
    (raw / name).write_bytes((PICTURES | LARGE_PICTURES)[name]())
    return raw

  return make


def all_pictures(place: pathlib.Path) -> pathlib.Path:
  """A folder of all pictures that cannot be used, and a sound one."""
  for name in PICTURES:
    picture(name)(place)
  (place / "pictures" / "sound.png").write_bytes(face())
  return place / "pictures"
