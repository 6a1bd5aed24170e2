"""A JPEG's segments, walked from its front as libjpeg will, to refuse what has too many of them."""

import re

# A progressive JPEG comes in some ten scans, each over the whole picture; a bomb is all scans.
MAX_SCANS = 100
# Pillow keeps what each says, in far more memory than it takes in the file. The longest that
# cameras write, sound and depth at 64 KB a segment, come to some hundreds.
MAX_SEGMENTS = 10_000

_BEGINS = b"\xff\xd8\xff"
# A marker with a segment after it, or the picture's end. FF 00 and FF FF are data and padding, and
# restarts stand for themselves, as do the markers below C0, which libjpeg skips inside a scan.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_SCAN, _END = 0xDA, 0xD9


def jpeg_problem(data: bytes) -> str | None:
  """Why a JPEG, or the first picture of a file of several, is not to be opened; None where it may.

  What follows that picture is not looked at: phones append a movie to a photograph, which may hold
  any bytes. Neither are pictures inside a segment, such as the thumbnail.

  Args:
    data: any file.
  """
  if not data.startswith(_BEGINS):
    return None
  place = scans = segments = 0
  while marker := _MARKER.search(data, place):
    code = data[marker.start() + 1]
    if code == _END:
      break
    scans, segments = scans + (code == _SCAN), segments + 1
    if scans > MAX_SCANS:
      return f"has more than {MAX_SCANS} scans"
    if segments > MAX_SEGMENTS:
      return f"has more than {MAX_SEGMENTS:,} segments"
    # The length counts its own two bytes; where it says less than that, libjpeg skips those two.
    length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    place = marker.end() + max(length, 2)
  return None
