"""Every file under a folder, and through the links in it, which may lead anywhere."""

import os
import pathlib
import stat
from collections.abc import Iterator

from dcgan_jax.errors import UserError

# Links may make many ways to one folder, and ways through it to others: a maze of any size.
MAX_LINKED_FOLDERS = 10_000


def walk(top: pathlib.Path) -> Iterator[tuple[str, str]]:
  """Every file under a folder: its name from there on, and the path that opens it.

  Links are followed, except to a folder that the link lies in: that would have no end.

  Raises:
    UserError: more than MAX_LINKED_FOLDERS lie behind links.
  """
  stack: list[tuple[str, frozenset[str]]] = [(str(top), frozenset())]
  root, linked = os.path.realpath(top), 0
  while stack:
    folder, above = stack.pop()
    place = os.path.realpath(folder)
    if place in above:
      continue
    linked += place != os.path.normpath(os.path.join(root, os.path.relpath(folder, top)))
    if linked > MAX_LINKED_FOLDERS:
      raise UserError(
        f"{top}: its links lead to more than {MAX_LINKED_FOLDERS:,} folders, the last "
        f"{folder!r}.\nRemove the links that lead out of it, or to one another."
      )
    with os.scandir(folder) as entries:
      for entry in entries:
        if os.path.isdir(entry.path):
          stack.append((entry.path, above | {place}))
        else:
          yield os.path.relpath(entry.path, top), entry.path


def special_file(path: str) -> str | None:
  """Why what `walk` came to is no file to be read, or None where it is one."""
  try:
    return None if stat.S_ISREG(os.stat(path).st_mode) else "a device or pipe"
  except OSError as error:
    return f"cannot be read: {error.strerror}"
