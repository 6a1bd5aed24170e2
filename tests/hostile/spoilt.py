"""What may lie in the place of a file: garbage, a pipe, a hole, a link, 100 MB in one line."""

import os
import pathlib
import shutil
from collections.abc import Callable


def fifo(path: pathlib.Path) -> pathlib.Path:
  """A pipe that nobody writes to: who opens it waits for ever."""
  os.mkfifo(path)
  return path


def long_line(path: pathlib.Path) -> pathlib.Path:
  """100 MB of JSON without a line end."""
  with path.open("wb") as file:
    file.write(b"[")
    for _ in range(100):
      file.write(b"[{}]," * 200_000)
  return path


def hole(path: pathlib.Path, size: int = 50 * 2**30, begin: bytes = b"") -> pathlib.Path:
  """A file of 50 GiB that takes no place: all zeros after its beginning."""
  path.write_bytes(begin)
  os.truncate(path, size)
  return path


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
