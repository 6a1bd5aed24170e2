"""Gigabytes of zeros as deflate packs them, in a thousandth of their size and without the wait."""

import pathlib
import zlib
from collections.abc import Iterable, Iterator

MIB = 2**20


def deflated(data: bytes) -> bytes:
  """A piece of a raw deflate stream, after which others may come."""
  packer = zlib.compressobj(9, zlib.DEFLATED, -15)
  return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def deflated_zeros(size: int) -> Iterator[bytes]:
  """A raw deflate stream of so many zeros, in 16 MiB, to its end."""
  block = deflated(bytes(16 * MIB))
  yield from (block for _ in range(size // (16 * MIB)))
  yield b"\3\0"  # a last, empty block


def write_gzip(path: pathlib.Path, head: bytes, rest: Iterable[bytes]) -> pathlib.Path:
  """A gzip of `head` and the pieces after it; its checksum at the end is wrong."""
  with path.open("wb") as file:
    file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated(head))
    file.writelines(rest)
    file.write(bytes(8))
  return path
