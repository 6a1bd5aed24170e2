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
      raise tarfile.ReadError(f"{header.name!r} is stored as a sparse file")
    return header


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
