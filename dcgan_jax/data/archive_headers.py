"""A tar's headers and a zip's listing, refused where they would unpack without end."""

import tarfile
import zipfile

_ZIP_HEADER = 30  # bytes before a member's name and contents
_LONGEST_HEADER = 2**20  # of a tar, for a name or for what describes a file
_DESCRIBING = (
  tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
  tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip


class SafeTarInfo(tarfile.TarInfo):
  """A tar's header, refused where tarfile would follow it without end or into any memory."""

  @classmethod
  def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "SafeTarInfo":
    """The header in a block of a tar.

    Raises:
      tarfile.ReadError: it is of a negative size, describes at length, or is a sparse file's.
    """
    header = super().frombuf(buf, encoding, errors)
    if header.size < 0 or (header.type in _DESCRIBING and header.size > _LONGEST_HEADER):
      raise tarfile.ReadError(f"a header of {header.size:,} bytes")
    if header.type == tarfile.GNUTYPE_SPARSE:
      header._refuse_holes(header)
    return header

  def _refuse_holes(self, member: tarfile.TarInfo, *_: object) -> None:
    # Pictures have no holes, and tarfile reads a list of them to the end of the file.
    raise tarfile.ReadError(f"{member.name!r} is stored as a sparse file: pack it without --sparse")

  # tarfile's readers of the three ways to list holes in an extended header; their arguments differ
  # among Pythons, but for the member at the front.
  _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_holes


def check_apart(members: list[zipfile.ZipInfo]) -> None:
  """Refuses members that lie in one another, as Python 3.11.7 does not.

  Raises:
    zipfile.BadZipFile: a few megabytes would unpack to any number of terabytes.
  """
  end = 0
  for member in sorted(members, key=lambda member: member.header_offset):
    if member.header_offset < end:
      raise zipfile.BadZipFile(f"{member.filename[:80]!r} lies inside another member")
    end = member.header_offset + _ZIP_HEADER + member.compress_size
