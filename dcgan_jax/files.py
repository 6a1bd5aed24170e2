"""Writing files so that a reader, or a kill, never meets half of one."""

import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any


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


def write_json(path: pathlib.Path, content: Any) -> None:
  """Writes what JSON can hold, in place of what was there."""
  with replacing(path) as temporary:
    temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
