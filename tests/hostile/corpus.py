"""Hostile files by hand: each maker writes one into a folder and returns the path to name.

What is large is large only once it is unpacked, or is a hole in a file.
"""

import bz2
import contextlib
import io
import lzma
import os
import pathlib
import pickle
import random
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile

Maker = Callable[[pathlib.Path], pathlib.Path]
MIB = 2**20


def face(seed: int = 0, kind: str = "PNG") -> bytes:
  """A sound picture of 48×48."""
  pixels = np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)
  file = io.BytesIO()
  Image.fromarray(pixels).save(file, kind)
  return file.getvalue()


class Evil:
  """What runs a command as it is unpickled."""

  def __init__(self, mark: pathlib.Path):
    self.mark = mark

  def __reduce__(self) -> tuple[object, ...]:
    return os.system, (f"touch {self.mark}",)


def fifo(path: pathlib.Path) -> pathlib.Path:
  """A pipe that nobody writes to: who opens it waits for ever."""
  os.mkfifo(path)
  return path


def long_line(path: pathlib.Path, part: bytes = b"[{}],", begin: bytes = b"[") -> pathlib.Path:
  """100 MB without a line end."""
  with path.open("wb") as file:
    file.write(begin)
    for _ in range(100):
      file.write(part * (1_000_000 // len(part)))
  return path


def hole(path: pathlib.Path, size: int = 50 * 2**30, begin: bytes = b"") -> pathlib.Path:
  """A file of 50 GiB that takes no place: all zeros after its beginning."""
  path.write_bytes(begin)
  os.truncate(path, size)
  return path


def _deflated_zeros(size: int) -> Iterator[bytes]:
  """A raw deflate stream of so many zeros, without deflating them all; in 16 MiB."""
  packer = zlib.compressobj(9, zlib.DEFLATED, -15)
  block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
  yield from (block for _ in range(size // (16 * MIB)))
  yield b"\3\0"  # a last, empty block


def gzipped(path: pathlib.Path, head: bytes, zeros: int) -> pathlib.Path:
  """A gzip of `head` and so many zeros, in 16 MiB; its checksum at the end is wrong."""
  packer = zlib.compressobj(9, zlib.DEFLATED, -15)
  with path.open("wb") as file:
    file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")
    file.write(packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH))
    for part in _deflated_zeros(zeros):
      file.write(part)
    file.write(bytes(8))
  return path


# Archives.


class Member(NamedTuple):
  """A member of a zip, which may lie about itself."""

  name: bytes
  data: bytes  # as stored
  size: int | None = None  # that it claims
  method: int = zipfile.ZIP_STORED
  flags: int = 0
  crc: int | None = None
  attributes: int = 0


def _local(member: Member) -> bytes:
  _, data, size, method, flags, crc, _ = member
  sums = zlib.crc32(data) if crc is None else crc, len(data), len(data) if size is None else size
  return struct.pack(
    "<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 33, *sums, len(member.name), 0
  ) + member.name  # fmt: skip


def _central(member: Member, place: int) -> bytes:
  _, data, size, method, flags, crc, attributes = member
  sums = zlib.crc32(data) if crc is None else crc, len(data), len(data) if size is None else size
  return struct.pack(
    "<4s6H3L5H2L", b"PK\1\2", 20 | 3 << 8, 20, flags, method, 0, 33, *sums, len(member.name),
    0, 0, 0, 0, attributes, place,
  ) + member.name  # fmt: skip


def _end(count: int, size: int, place: int) -> bytes:
  return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, place, 0)


def write_zip(path: pathlib.Path, members: Iterable[Member]) -> pathlib.Path:
  """A zip, byte by byte: zipfile would not write these."""
  body, directory, count = b"", b"", 0
  for count, member in enumerate(members, start=1):  # noqa: B007
    directory += _central(member, len(body))
    body += _local(member) + member.data
  path.write_bytes(body + directory + _end(count, len(directory), len(body)))
  return path


def zip_bomb(place: pathlib.Path, name: bytes = b"face.png") -> pathlib.Path:
  """3 GiB of zeros in 3 MB."""
  data = b"".join(_deflated_zeros(3 * 2**30))
  bomb = Member(name, data, 3 * 2**30, zipfile.ZIP_DEFLATED, crc=0)
  return write_zip(place / "bomb.zip", [bomb])


def lying_zip(place: pathlib.Path) -> pathlib.Path:
  """The same, but it claims 100 bytes."""
  data = b"".join(_deflated_zeros(2**30))
  return write_zip(place / "lying.zip", [Member(b"face.png", data, 100, zipfile.ZIP_DEFLATED)])


def overlapping_zip(place: pathlib.Path) -> pathlib.Path:
  """Fifield's (2019): 1,000 members that share 250 MiB of zeros, each quoting the next's header."""
  data, size = b"".join(_deflated_zeros(240 * MIB)), 240 * MIB
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
  return gzipped(place / "bomb.tar.gz", _header("face.png", size=size), size + 1024)


def tar_of_a_long_header(place: pathlib.Path, kind: bytes = tarfile.XHDTYPE) -> pathlib.Path:
  """Its first name, or what describes it, claims to be 3 GiB long, and is."""
  size = 3 * 2**30
  return gzipped(place / "header.tar.gz", _header("long", kind, size), size + 1024)


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
  fixed = _sized(bytes(header), 0)
  return _packed(place / "sparse.tar.gz", fixed, more, 2**30 // 512)


def _packed(path: pathlib.Path, head: bytes, block: bytes, count: int) -> pathlib.Path:
  """A gzip of a head and a block so many times over."""
  packer = zlib.compressobj(9, zlib.DEFLATED, -15)
  part = packer.compress(block * 2**15) + packer.flush(zlib.Z_FULL_FLUSH)
  first = zlib.compressobj(9, zlib.DEFLATED, -15)
  begin = first.compress(head) + first.flush(zlib.Z_FULL_FLUSH)
  path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + begin + part * (count // 2**15) + b"\3\0")
  return path


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


# Folders.


def folder_of_links(place: pathlib.Path) -> pathlib.Path:
  """Links to /dev/zero, to nothing, to themselves, and to a pipe, all called pictures."""
  raw = place / "links"
  raw.mkdir()
  (raw / "zero.png").symlink_to("/dev/zero")
  (raw / "nothing.png").symlink_to("nowhere")
  (raw / "itself.png").symlink_to("itself.png")
  fifo(raw / "pipe.png")
  return raw


def folder_of_the_whole_disk(place: pathlib.Path) -> pathlib.Path:
  """A link to /, with /proc and all."""
  raw = place / "disk"
  raw.mkdir()
  (raw / "all").symlink_to("/")
  return raw


def folder_without_end(place: pathlib.Path) -> pathlib.Path:
  """40 folders with two links each to the next: 2 to the 40 ways to the last one's picture."""
  raw = place / "maze"
  for level in range(40):
    (raw / f"{level}").mkdir(parents=True)
    for way in "ab":
      (raw / f"{level}" / way).symlink_to(f"../{level + 1}")
  (raw / "40").mkdir()
  (raw / "40" / "face.png").write_bytes(face())
  return raw


def folder_of_odd_names(place: pathlib.Path) -> pathlib.Path:
  """Names of no encoding, with control codes, as long as they may be; none is a picture."""
  raw = place / "names"
  raw.mkdir()
  for name in (b"\xff\xfe.png", b"a\nb.png", b"\x1b[2J.png", b"x" * 251 + b".png", b"-rf.png"):
    pathlib.Path(os.fsdecode(os.fsencode(raw) + b"/" + name)).write_bytes(b"none")
  deep = raw.joinpath(*["d" * 250] * 12)
  deep.mkdir(parents=True)
  (deep / "face.png").write_bytes(b"none")
  return raw


def folder_of_an_odd_name(place: pathlib.Path) -> pathlib.Path:
  """A sound picture in a folder whose own name is of no encoding."""
  raw = pathlib.Path(os.fsdecode(os.fsencode(place) + b"/odd\xff\n\x1b[2J"))
  raw.mkdir()
  (raw / "face.png").write_bytes(face())
  return raw


# Pictures.


def _chunk(kind: bytes, data: bytes) -> bytes:
  return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes, kind: tuple[int, int] = (8, 0)) -> bytes:
  header = struct.pack(">2L5B", width, height, *kind, 0, 0, 0)
  return b"\x89PNG\r\n\x1a\n" + b"".join([_chunk(b"IHDR", header), *chunks, _chunk(b"IEND", b"")])


def _zlib_zeros(size: int) -> bytes:
  return b"\x78\xda" + b"".join(_deflated_zeros(size))


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


# Tables.

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


def celeba_with_a_list(begin: bytes, part: bytes) -> Maker:
  """A maker of a CelebA whose list of splits is a line of 100 MB."""

  def make(place: pathlib.Path) -> pathlib.Path:
    raw = place / "celeba"
    raw.mkdir()
    (raw / "000001.png").write_bytes(face())
    long_line(raw / "list_eval_partition.txt", part, begin)
    return raw

  return make


# Arrays.


def _npz(path: pathlib.Path, **arrays: np.ndarray) -> pathlib.Path:
  np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
  return path


def _npy_header(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
  file = io.BytesIO()
  header = {"descr": kind, "fortran_order": False, "shape": shape}
  np.lib.format.write_array_header_1_0(file, header)
  return file.getvalue()


def npz_bomb(names: dict[bytes, tuple[str, tuple[int, ...]]]) -> Maker:
  """A maker of an .npz of zeros: array's name → its type and shape."""

  def member(name: bytes, kind: str, shape: tuple[int, ...]) -> Member:
    header, size = _npy_header(shape, kind), int(np.prod(shape)) * np.dtype(kind).itemsize
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH)
    data = begin + b"".join(_deflated_zeros(size))
    return Member(name + b".npy", data, len(header) + size, zipfile.ZIP_DEFLATED, crc=0)

  def make(place: pathlib.Path) -> pathlib.Path:
    return write_zip(place / "bomb.npz", [member(name, *one) for name, one in names.items()])

  return make


def npz_of_claims(names: dict[bytes, tuple[str, tuple[int, ...]]]) -> Maker:
  """A maker of an .npz whose headers claim what is not there."""

  def make(place: pathlib.Path) -> pathlib.Path:
    members = [
      Member(name + b".npy", _npy_header(shape, kind)) for name, (kind, shape) in names.items()
    ]
    return write_zip(place / "claims.npz", members)

  return make


def npz_of_objects(names: tuple[str, ...]) -> Maker:
  """A maker of an .npz of objects, which would touch `ran` beside it if they were unpickled."""

  def make(place: pathlib.Path) -> pathlib.Path:
    evil = np.array([Evil(place / "ran")], dtype=object)
    return _npz(place / "objects.npz", **dict.fromkeys(names, evil))

  return make


def pickle_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A pickle called .npz, which would touch `ran` beside it."""
  path = place / "pickle.npz"
  path.write_bytes(pickle.dumps(Evil(place / "ran")))
  return path


def fifo_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A pipe called .npz."""
  return fifo(place / "pipe.npz")


def text_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A web page called .npz."""
  path = place / "page.npz"
  path.write_text("<!DOCTYPE html>")
  return path


def npz_of(**arrays: np.ndarray) -> Maker:
  """A maker of an .npz of these arrays."""
  return lambda place: _npz(place / "arrays.npz", **arrays)


_FACES = np.zeros((4, 48, 48, 1), np.uint8)
_IMAGES = {b"images": ("|u1", (2**10, 48, 48, 1))}
_HUGE = {b"images": ("|u1", (10**12, 48, 48, 1))}
IMAGE_ARRAYS: dict[str, Maker] = {
  "objects": npz_of_objects(("images",)),
  "objects as classes": npz_of_objects(("labels", "class_names")),
  "a pickle": pickle_as_npz,
  "a web page": text_as_npz,
  "a pipe": fifo_as_npz,
  "10^12 claimed": npz_of_claims(_HUGE),
  "more than is there": npz_of_claims({b"images": ("|u1", (10**6, 48, 48, 1))}),
  "a shape of less than nothing": npz_of_claims({b"images": ("|u1", (-1, 48, 48, 1))}),
  "a bomb": npz_bomb({b"images": ("|u1", (2**20, 48, 64, 1))}),
  "a bomb of classes": npz_bomb(_IMAGES | {b"class_names": ("<U1048576", (2**9,))}),
  "nan": npz_of(images=np.full((4, 48, 48, 1), np.nan)),
  "floats": npz_of(images=np.zeros((4, 48, 48, 1))),
  "no channels": npz_of(images=_FACES[..., 0]),
  "four channels": npz_of(images=np.zeros((4, 48, 48, 4), np.uint8)),
  "no images": npz_of(images=_FACES[:0]),
  "another name": npz_of(pictures=_FACES),
  "labels of nothing": npz_of(images=_FACES, labels=np.full(4, 99), class_names=np.array(["a"])),
  "a label less": npz_of(images=_FACES, labels=np.zeros(3, int), class_names=np.array(["a"])),
}

_MEAN, _COVARIANCE = ("<f8", (2048,)), ("<f8", (2048, 2048))
STATISTICS: dict[str, Maker] = {
  "objects": npz_of_objects(("mu", "sigma")),
  "a pickle": pickle_as_npz,
  "a pipe": fifo_as_npz,
  "10^12 claimed": npz_of_claims({b"mu": ("<f8", (10**12,)), b"sigma": _COVARIANCE}),
  "less than is there": npz_of_claims({b"mu": _MEAN, b"sigma": _COVARIANCE}),
  "a bomb": npz_bomb({b"mu": _MEAN, b"sigma": ("<f8", (2**14, 2**14))}),
  "nan": npz_of(mu=np.full(2048, np.nan), sigma=np.eye(2048)),
  "not symmetric": npz_of(mu=np.zeros(2048), sigma=np.triu(np.ones((2048, 2048)))),
  "another width": npz_of(mu=np.zeros(64), sigma=np.eye(64)),
  "texts": npz_of(mu=np.array(["a"] * 2048), sigma=np.eye(2048)),
}


# Workdirs.

SPOILT: dict[str, Callable[[pathlib.Path], object]] = {
  "garbage": lambda path: path.write_bytes(bytes(range(256)) * 40),
  "[[[[": lambda path: path.write_bytes(b"[" * 500_000),
  "other JSON": lambda path: path.write_text('{"commit_timestamp_nsecs": [], "sha256": 5}'),
  "100 MB": long_line,
  "a hole": hole,
  "a folder": lambda path: path.mkdir(),
  "a pipe": fifo,
  "a loop": lambda path: path.symlink_to(path.name),
  "a link out": lambda path: path.symlink_to(path.parents[2] / "precious"),
  "zeros": lambda path: path.symlink_to("/dev/zero"),
}


def spoilt(workdir: pathlib.Path, file: str, how: str) -> None:
  """Puts something else in the place of a workdir's file or folder.

  A link out leads to the file `precious` in the folder that holds the workdir's folder.
  """
  path = workdir / file
  if path.is_dir():
    shutil.rmtree(path)
  path.unlink(missing_ok=True)
  path.parent.mkdir(parents=True, exist_ok=True)
  SPOILT[how](path)


def odd_checkpoints(workdir: pathlib.Path) -> None:
  """Beside the checkpoints, what calls itself so: no step, or one that is beyond all measure."""
  for name in ("٣", "9" * 30, "-1", "1e9", "0012", "8.orbax-checkpoint-tmp-1", "a\n\x1b[2J"):
    (workdir / "checkpoints" / name).mkdir()
  (workdir / "checkpoints" / os.fsdecode(b"\xff")).mkdir()
  (workdir / "checkpoints" / "99").symlink_to("/")
  (workdir / "checkpoints" / "77").symlink_to("77")
  (workdir / "checkpoints" / "88").write_bytes(b"")
  fifo(workdir / "checkpoints" / "66")


def weights(kind: str) -> Maker:
  """A maker of a file of weights that is none; a pickle in it would touch `ran` beside it."""

  def make(place: pathlib.Path) -> pathlib.Path:
    path = place / "pt_inception-2015-12-05-6726825d.pth"
    evil = pickle.dumps({"weight": Evil(place / "ran")}, protocol=2)
    if kind == "zip":
      with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", evil)
    elif kind == "hole":
      hole(path, size=2**28)
    elif kind == "pipe":
      fifo(path)
    else:
      path.write_bytes(evil)
    return path

  return make


_GET = b"def get_config():\n  "
_CONFIG_DICT = b"from ml_collections import ConfigDict\n" + _GET
CONFIGS = {
  "binary": bytes(range(256)),
  "a zip": b"PK\3\4",
  "UTF-16": (_GET + b"pass").decode().encode("utf-16"),
  "Latin-1": b"x = '\xe9'\n",
  "nothing": b"",
  "a syntax error": b"def get_config(:",
  "too many brackets": b"x = " + b"(" * 100_000,
  "an exception": b"raise Exception",
  "an exception of 10 MB": b"raise ValueError('\\x1b[2J' + 'x' * 10**7)",
  "a TypeError": _GET + b"return 1 + 'a'",
  "a file that is not there": _GET + b"return open('/nowhere')",
  "no memory": _GET + b"raise MemoryError",
  "itself": _GET + b"return get_config()",
  "an exit": b"import sys\nsys.exit(7)",
  "an exit with words": _GET + b"import sys; sys.exit('no')",
  "a number": _GET + b"return 5",
  "a dict": _GET + b"return {'data': 5}",
  "a ConfigDict of a number": _CONFIG_DICT + b"return ConfigDict({'data': 5})",
  "a ConfigDict of an expression": _CONFIG_DICT + b"return ConfigDict({'data': {'expression': 5}})",
}

# Archives and folders for `prepare folder`.
ARCHIVES: dict[str, Maker] = {
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
  "links.tar": tar_of_links,
  "paths.tar": tar_of_paths,
}
FOLDERS: dict[str, Maker] = {
  "links": folder_of_links,
  "the whole disk": folder_of_the_whole_disk,
  "a maze of links": folder_without_end,
  "odd names": folder_of_odd_names,
}
