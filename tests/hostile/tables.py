"""Hostile tables: cells and lines without end, numbers that are none, bytes of no encoding."""

import pathlib
import zipfile
import zlib
from collections.abc import Callable

from .cases import Maker
from .spoilt import hole
from .zips import Member, write_zip, zip_bomb

HEADER = b"emotion,pixels,Usage\n"


def row(first: bytes = b"7", emotion: bytes = b"0", count: int = 48 * 48) -> bytes:
  """A row of the CSV with another first pixel, emotion, or number of pixels."""
  return emotion + b"," + b" ".join([first, *[b"7"] * (count - 1)]) + b",Training\n"


TABLES: dict[str, Callable[[], bytes]] = {
  "cell of 100 MB": lambda: HEADER + b'0,"' + b"7 " * 50_000_000 + b'",Training\n',
  "cell of many lines": lambda: HEADER + b'0,"' + b"7 7 7\n" * 16_000_000 + b'",Training\n',
  "line of 100 MB": lambda: b"emotion" * 14_000_000,
  "header of 100 MB": lambda: HEADER[:-1] + b",a" * 50_000_000 + b"\n" + row(),
  "100 MB of commas": lambda: HEADER + b"," * 100_000_000,
  "100 MB of blank lines": lambda: HEADER + b"\n" * 100_000_000,
  "UTF-16": lambda: (HEADER + row()).decode().encode("utf-16"),
  "Latin-1": lambda: b"\xe9motion,pixels,Usage\n" + row(),
  "NUL at once": lambda: b"\0" + HEADER + row(),
  "NUL later": lambda: HEADER + row() * 2 + row(b"\0"),
  "headers twice": lambda: b"emotion,pixels,Usage,pixels\n" + row(),
  "headers missing": lambda: row() * 2,
  "no rows": lambda: HEADER,
  "a pixel less": lambda: HEADER + row(count=2303),
  "a pixel more": lambda: HEADER + row(count=2305),
  "1e999": lambda: HEADER + row(b"1e999"),
  "-1": lambda: HEADER + row(b"-1"),
  "256": lambda: HEADER + row(b"256"),
  "nan": lambda: HEADER + row(b"nan"),
  "digits of another script": lambda: HEADER + row("٣".encode()),
  "a number of 9,000 digits": lambda: HEADER + row(b"9" * 9000),
  "emotion of another script": lambda: HEADER + row(emotion="٣".encode()),
  "emotion 1e999": lambda: HEADER + row(emotion=b"1e999"),
  "quote that stays open": lambda: HEADER + b'0,"' + row() * 100,
  "formula": lambda: HEADER + row(b"=cmd|'/c calc'!A1"),
  "control codes": lambda: b"\x1b[2J\x07,pixels,Usage\n" + row(),
}


def table(name: str) -> Maker:
  """A maker of one of TABLES."""

  def make(place: pathlib.Path) -> pathlib.Path:
    path = place / "fer.csv"
    path.write_bytes(TABLES[name]())
    return path

  return make


def table_of_bad_rows(place: pathlib.Path) -> pathlib.Path:
  """A row that is sound, and 20 million that are not, in a zip of 40 KB."""
  packer = zlib.compressobj(9, zlib.DEFLATED, -15)
  data = packer.compress(HEADER + row() + b"a\n" * 20_000_000) + packer.flush()
  size = len(HEADER + row()) + 40_000_000
  return write_zip(
    place / "rows.zip", [Member(b"fer2013.csv", data, size, zipfile.ZIP_DEFLATED, crc=0)]
  )


def table_bomb(place: pathlib.Path) -> pathlib.Path:
  """3 GiB of zeros that are called a CSV."""
  return zip_bomb(place, b"fer2013.csv")


def sparse_table(place: pathlib.Path) -> pathlib.Path:
  """50 GiB of zeros after a header and a row."""
  return hole(place / "fer.csv", begin=(HEADER + row()) * 4)
