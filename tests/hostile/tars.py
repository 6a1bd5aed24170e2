"""Hostile tars by hand: headers that lie, describe without end, or lead out of the archive."""

import bz2
import lzma
import pathlib
import tarfile

from .cases import Maker
from .zeros import MIB, deflated, deflated_zeros, write_gzip


def _header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> bytes:
  member = tarfile.TarInfo(name)
  member.type, member.linkname, member.size = kind, link, size
  return member.tobuf(tarfile.GNU_FORMAT)


def _padded(data: bytes) -> bytes:
  return data + bytes(-len(data) % 512)


def write_tar(path: pathlib.Path, *parts: bytes) -> pathlib.Path:
  """A tar of these headers and contents."""
  path.write_bytes(b"".join(map(_padded, parts)) + bytes(1024))
  return path


def tar_bomb(place: pathlib.Path, size: int = 3 * 2**30) -> pathlib.Path:
  """3 GiB of zeros in 3 MB."""
  zeros = deflated_zeros(size + 1024)
  return write_gzip(place / "bomb.tar.gz", _header("face.png", size=size), zeros)


def tar_of_a_long_header(place: pathlib.Path, kind: bytes = tarfile.XHDTYPE) -> pathlib.Path:
  """Its first name, or what describes it, claims to be 3 GiB long, and is."""
  size = 3 * 2**30
  zeros = deflated_zeros(size + 1024)
  return write_gzip(place / "header.tar.gz", _header("long", kind, size), zeros)


def tar_of_headers(place: pathlib.Path) -> pathlib.Path:
  """5,000 long names in a row, each of which is that of the next."""
  one = _header("././@LongLink", tarfile.GNUTYPE_LONGNAME, 2) + _padded(b"a\0")
  return write_tar(place / "headers.tar", one * 5000, _header("face.png"))


def tar_of_minus_one(place: pathlib.Path) -> pathlib.Path:
  """A member of less than no bytes, after which comes the same one again."""
  first = _header("a.png", size=4), b"face"
  return write_tar(place / "minus.tar", *first, _sized(_header("face.png"), -512))


def tar_of_minus_one_by_pax(place: pathlib.Path) -> pathlib.Path:
  """The same, said in an extended header."""
  first = _header("a.png", size=4), b"face"
  record = b"14 size=-1536\n"
  described = _header("pax", tarfile.XHDTYPE, len(record)), record, _header("face.png")
  return write_tar(place / "minus-pax.tar", *first, *described)


def _sized(header: bytes, size: int) -> bytes:
  """A tar's header with another size, which may be negative, and the checksum for it."""
  field = (2**96 + size).to_bytes(12, "big") if size < 0 else b"%011o\0" % size
  header = header[:124] + field + header[136:]
  total = sum(header[:148]) + 8 * 32 + sum(header[156:])
  return header[:148] + b"%06o\0 " % total + header[156:]


def tar_of_a_strange_map(place: pathlib.Path) -> pathlib.Path:
  """A sparse file whose map is no list of numbers."""
  record = b"25 GNU.sparse.map=a,b,c,\n"
  return write_tar(
    place / "map.tar",
    _header("pax", tarfile.XHDTYPE, len(record)), record, _header("face.png"),
  )  # fmt: skip


def tar_of_a_sparse_file(place: pathlib.Path) -> pathlib.Path:
  """A member that goes on describing its holes for 1 GiB."""
  header = bytearray(_header("face.png", tarfile.GNUTYPE_SPARSE))
  hole = b"%011o\0" % 1
  header[386:482] = hole * 8
  header[482:483] = b"\1"
  more = hole * 42 + b"\1" + bytes(7)
  rest = [deflated(more * 2**15)] * (2**30 // 512 // 2**15)
  return write_gzip(place / "sparse.tar.gz", _sized(bytes(header), 0), [*rest, b"\3\0"])


def tar_of_a_map_without_end(place: pathlib.Path) -> pathlib.Path:
  """A member whose map of holes, in the newest of the formats, goes on for 512 MiB in 0.5 MB."""
  records = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
  size = 2**29
  described = _header("pax", tarfile.XHDTYPE, len(records)) + _padded(records)
  head = described + _header("face.png", size=size) + b"%d\n" % 2**40
  numbers = [deflated(b"1\n" * 2**23)] * (size // 2**24)
  return write_gzip(place / "map.tar.gz", head, [*numbers, b"\3\0"])


def tar_of_links(place: pathlib.Path) -> pathlib.Path:
  """Links out of it, one that a later member would be written through, devices and a pipe."""
  kinds = {
    "soft.png": (tarfile.SYMTYPE, "/etc/passwd"),
    "hard.png": (tarfile.LNKTYPE, "../../etc/passwd"),
    "way": (tarfile.SYMTYPE, ".."),
    "pipe.png": (tarfile.FIFOTYPE, ""),
    "zero.png": (tarfile.CHRTYPE, ""),
    "disk.png": (tarfile.BLKTYPE, ""),
    "strange.png": (b"Z", ""),
  }
  headers = [_header(name, kind, link=link) for name, (kind, link) in kinds.items()]
  return write_tar(place / "links.tar", *headers, _header("way/up.png", size=4), b"face")


def tar_of_paths(place: pathlib.Path) -> pathlib.Path:
  """Paths that climb, and an absolute one."""
  names = ("../up.png", "a/../../up.png", str(place.parent / "absolute.png"))
  return write_tar(place / "paths.tar", *(_header(name) for name in names))


def bz2_bomb(place: pathlib.Path) -> pathlib.Path:
  """1 GiB of zeros in 1 KB, as bzip2 packs them."""
  zeros = bz2.compress(bytes(64 * MIB))
  path = place / "bomb.tar.bz2"
  path.write_bytes(bz2.compress(_header("face.png", size=2**30)) + zeros * 17)
  return path


def xz_bomb(place: pathlib.Path) -> pathlib.Path:
  """1 GiB of zeros in 150 KB, as xz packs them."""
  zeros = lzma.compress(bytes(64 * MIB), preset=0)
  path = place / "bomb.tar.xz"
  path.write_bytes(lzma.compress(_header("face.png", size=2**30)) + zeros * 17)
  return path


# For `prepare folder`.
TARS: dict[str, Maker] = {
  "bomb.tar.gz": tar_bomb,
  "bomb.tar.bz2": bz2_bomb,
  "bomb.tar.xz": xz_bomb,
  "long header.tar.gz": tar_of_a_long_header,
  "long name.tar.gz": lambda place: tar_of_a_long_header(place, tarfile.GNUTYPE_LONGNAME),
  "headers.tar": tar_of_headers,
  "minus.tar": tar_of_minus_one,
  "minus-pax.tar": tar_of_minus_one_by_pax,
  "map.tar": tar_of_a_strange_map,
  "sparse.tar.gz": tar_of_a_sparse_file,
  "map.tar.gz": tar_of_a_map_without_end,
  "links.tar": tar_of_links,
  "paths.tar": tar_of_paths,
}
