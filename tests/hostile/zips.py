"""Hostile zips by hand, byte by byte: zipfile would write none of them."""

import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from .cases import Maker
from .pictures import face
from .zeros import MIB, deflated_zeros


class Member(NamedTuple):
  """A member of a zip, which may lie about itself."""

  name: bytes
  data: bytes  # as stored
  size: int | None = None  # that it claims
  method: int = zipfile.ZIP_STORED
  flags: int = 0
  crc: int | None = None
  attributes: int = 0


def _claims(member: Member) -> bytes:
  """What stands of a member both before it and in the directory."""
  name, data, size, method, flags, crc, _ = member
  sums = zlib.crc32(data) if crc is None else crc, len(data), len(data) if size is None else size
  return struct.pack("<5H3L2H", 20, flags, method, 0, 33, *sums, len(name), 0)


def _local(member: Member) -> bytes:
  return b"PK\3\4" + _claims(member) + member.name


def _central(member: Member, place: int) -> bytes:
  written_by = struct.pack("<H", 20 | 3 << 8)
  more = struct.pack("<3H2L", 0, 0, 0, member.attributes, place)
  return b"PK\1\2" + written_by + _claims(member) + more + member.name


def _end(count: int, size: int, place: int) -> bytes:
  return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, place, 0)


def write_zip(path: pathlib.Path, members: Iterable[Member]) -> pathlib.Path:
  """A zip, its directory at the end."""
  body, directory, count = b"", b"", 0
  for count, member in enumerate(members, start=1):  # noqa: B007
    directory += _central(member, len(body))
    body += _local(member) + member.data
  path.write_bytes(body + directory + _end(count, len(directory), len(body)))
  return path


def zip_bomb(place: pathlib.Path, name: bytes = b"face.png") -> pathlib.Path:
  """3 GiB of zeros in 3 MB."""
  data = b"".join(deflated_zeros(3 * 2**30))
  bomb = Member(name, data, 3 * 2**30, zipfile.ZIP_DEFLATED, crc=0)
  return write_zip(place / "bomb.zip", [bomb])


def lying_zip(place: pathlib.Path) -> pathlib.Path:
  """The same, but it claims 100 bytes."""
  data = b"".join(deflated_zeros(2**30))
  return write_zip(place / "lying.zip", [Member(b"face.png", data, 100, zipfile.ZIP_DEFLATED)])


def overlapping_zip(place: pathlib.Path) -> pathlib.Path:
  """Fifield's (2019): 1,000 members that share 250 MiB of zeros, each quoting the next's header."""
  data, size = b"".join(deflated_zeros(240 * MIB)), 240 * MIB
  body, members = b"", []
  for number in reversed(range(1000)):
    member = Member(b"%04d.png" % number, data, size, zipfile.ZIP_DEFLATED, crc=0)
    header = _local(member)
    members.append((member, len(header) + len(data)))
    quote = struct.pack("<BHH", 0, len(header), 0xFFFF ^ len(header))
    body, data, size = header + data, quote + header + data, size + len(header)
  directory = b"".join(_central(member, len(body) - back) for member, back in members)
  path = place / "overlapping.zip"
  path.write_bytes(body + directory + _end(1000, len(directory), len(body)))
  return path


def _one_zip(place: pathlib.Path, **lies: int | bytes) -> pathlib.Path:
  member = Member(b"face.png", face())._replace(**lies)  # type: ignore[arg-type]
  return write_zip(place / "one.zip", [member])


def zip_of_paths(place: pathlib.Path) -> pathlib.Path:
  """Paths that climb, absolute ones, and one of Windows'."""
  names = (b"../up.png", b"a/../../up.png", b"..\\up.png", b"C:\\up.png", b"\\\\host\\up.png")
  absolute = str(place.parent / "absolute.png").encode()
  return write_zip(place / "paths.zip", [Member(name, face()) for name in (*names, absolute)])


def zip_of_links(place: pathlib.Path) -> pathlib.Path:
  """A link to /etc/passwd, and a member that would be written through a link."""
  link = Member(b"out.png", b"/etc/passwd", attributes=0o120777 << 16)
  way = Member(b"way", b"..", attributes=0o120777 << 16)
  return write_zip(place / "links.zip", [link, way, Member(b"way/up.png", face())])


def zip_of_100_000(place: pathlib.Path) -> pathlib.Path:
  """100,000 empty members."""
  path = place / "many.zip"
  with zipfile.ZipFile(path, "w") as archive:
    for number in range(100_000):
      archive.writestr(zipfile.ZipInfo(f"{number}.png"), b"")
  return path


def zip_with_a_wrong_end(place: pathlib.Path) -> pathlib.Path:
  """Its directory claims to begin beyond the file."""
  path = place / "end.zip"
  path.write_bytes(_local(Member(b"face.png", b"")) + _end(1, 2**32 - 2, 2**32 - 2))
  return path


def zip_of_odd_names(place: pathlib.Path) -> pathlib.Path:
  """Names with control codes, of no encoding, and of 60,000 letters."""
  names = (b"a\x1b[2Jb\n.png", b"\xff\xfe.png", b"x" * 60_000 + b".png", "\u202e.png".encode())
  return write_zip(place / "names.zip", [Member(name, b"none", flags=0x800) for name in names[2:]]
                   + [Member(name, b"none") for name in names[:2]])  # fmt: skip


# For `prepare folder`.
ZIPS: dict[str, Maker] = {
  "bomb.zip": zip_bomb,
  "lying.zip": lying_zip,
  "overlapping.zip": overlapping_zip,
  "paths.zip": zip_of_paths,
  "links.zip": zip_of_links,
  "encrypted.zip": lambda place: _one_zip(place, flags=1),
  "wrong checksum.zip": lambda place: _one_zip(place, crc=1),
  "method 99.zip": lambda place: _one_zip(place, method=99),
  "bzip2 that is none.zip": lambda place: _one_zip(place, method=zipfile.ZIP_BZIP2),
  "lzma that is none.zip": lambda place: _one_zip(place, method=zipfile.ZIP_LZMA),
  "deflate that is none.zip": lambda place: _one_zip(place, method=zipfile.ZIP_DEFLATED),
  "names.zip": zip_of_odd_names,
  "end.zip": zip_with_a_wrong_end,
  "many.zip": zip_of_100_000,
}
