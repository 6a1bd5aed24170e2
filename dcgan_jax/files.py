"""Writing files so that a reader, or a kill, never meets half of one."""

import contextlib
import errno
import json
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

_LONGEST_LINE = 2**24  # bytes; a score's details have some thousands
_LONGEST_JSON = 2**20  # bytes; a run's config has a thousand


@contextlib.contextmanager
def replacing(path: pathlib.Path) -> Iterator[pathlib.Path]:
  """Yields a temporary path beside `path`, which takes its place once the block succeeds."""
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
  try:
    yield temporary
    temporary.replace(path)
  finally:
    temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: pathlib.Path) -> Iterator[pathlib.Path]:
  """Yields a temporary folder beside `path`, which becomes it once the block succeeds.

  Raises:
    OSError: there is something at `path` other than an empty folder, or no place for it.
  """
  path = path.resolve()
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
  temporary.mkdir()
  try:
    yield temporary
    temporary.replace(path)
  finally:
    shutil.rmtree(temporary, ignore_errors=True)


def check_file(path: pathlib.Path) -> None:
  """Refuses a folder, and a pipe or device, which would be waited for.

  Raises:
    OSError: there is something at `path` other than a file.
  """
  if path.exists() and not path.is_file():
    raise OSError(errno.EINVAL, "not a file", str(path))


def lines(path: pathlib.Path) -> Iterator[bytes]:
  """The lines of a file that a killed process, or anybody, may have left; with their ends.

  Raises:
    OSError: it is no file, cannot be read, or has a line that no command here wrote.
  """
  check_file(path)
  with path.open("rb") as file:
    while line := file.readline(_LONGEST_LINE):
      if len(line) == _LONGEST_LINE:
        raise OSError(errno.EINVAL, f"a line of more than {_LONGEST_LINE:,} bytes", str(path))
      yield line


def json_rows(path: pathlib.Path) -> Iterator[dict[str, Any] | None]:
  """The lines of a file of JSON objects; None for each that is none.

  A kill may have cut the last one short, a disk changed any.

  Raises:
    OSError: as for `lines`.
  """
  for line in lines(path):
    try:
      row = json.loads(line)
    except (ValueError, RecursionError):
      row = None
    yield row if isinstance(row, dict) else None


def read_json(path: pathlib.Path) -> dict[str, Any]:
  """The object in a file that `write_json` wrote.

  Raises:
    OSError: it is not there, no file, or cannot be read.
    ValueError: it holds no JSON object, or far more than any that is written here.
  """
  check_file(path)
  with path.open("rb") as file:
    text = file.read(_LONGEST_JSON + 1)
  try:
    content = json.loads(text) if len(text) <= _LONGEST_JSON else None
  except RecursionError:
    content = None
  if not isinstance(content, dict):
    raise ValueError("no JSON object")
  return content


def write_json(path: pathlib.Path, content: Any) -> None:
  """Writes what JSON can hold, in place of what was there."""
  with replacing(path) as temporary:
    temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
