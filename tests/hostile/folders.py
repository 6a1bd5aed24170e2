"""Hostile folders: links round in circles and out of them, pipes, names of no encoding."""

import os
import pathlib

from .cases import Maker
from .pictures import face
from .spoilt import fifo


def folder_of_links(place: pathlib.Path) -> pathlib.Path:
  """Links to /dev/zero, to nothing, to themselves, and to a pipe, all called pictures."""
  raw = place / "links"
  raw.mkdir()
  (raw / "zero.png").symlink_to("/dev/zero")
  (raw / "nothing.png").symlink_to("nowhere")
  (raw / "itself.png").symlink_to("itself.png")
  fifo(raw / "pipe.png")
  return raw


def folder_of_many_ways(place: pathlib.Path) -> pathlib.Path:
  """320 links to one folder of 320 folders: 102,400 ways in, of two steps each."""
  raw = place / "ways"
  (raw / "all").mkdir(parents=True)
  (raw / "all" / "face.png").write_bytes(face())
  for number in range(320):
    (raw / "all" / f"{number}").mkdir()
    (raw / f"way{number}").symlink_to("all")
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


# For `prepare folder`.
FOLDERS: dict[str, Maker] = {
  "links": folder_of_links,
  "many ways": folder_of_many_ways,
  "a maze of links": folder_without_end,
  "odd names": folder_of_odd_names,
}
