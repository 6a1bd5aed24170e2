"""Every file under a folder, and through the links in it, which may lead anywhere."""

import os
import pathlib
import stat
from collections.abc import Iterator
from typing import NamedTuple

from dcgan_jax.errors import UserError

# Links may make many ways to one folder, and ways through it to others: a maze of any size. Ten
# times as many as the largest sets of faces have people, each of which is a folder.
MAX_LINKED_FOLDERS = 100_000


class _Folder(NamedTuple):
  path: str  # from the top, through links
  place: str  # where it is
  above: frozenset[str]  # the places of the folders that it was reached through
  linked: bool  # whether one of those, or itself, is a link


def walk(top: pathlib.Path) -> Iterator[tuple[str, str]]:
  """Every file under a folder: its name from there on, and the path that opens it.

  Links are followed, except to a folder that the link lies in: that would have no end.

  Raises:
    UserError: more than MAX_LINKED_FOLDERS lie behind links.
  """
  stack = [_Folder(str(top), os.path.realpath(top), frozenset(), False)]
  linked = 0
  while stack:
    folder = stack.pop()
    linked += folder.linked
    if linked > MAX_LINKED_FOLDERS:
      raise UserError(
        f"{top}: its links lead to more than {MAX_LINKED_FOLDERS:,} folders, the last "
        f"{folder.path!r}.\nRemove the links that lead out of it, or to one another."
      )
    above = folder.above | {folder.place}
    with os.scandir(folder.path) as entries:
      for entry in entries:
        if not os.path.isdir(entry.path):
          yield os.path.relpath(entry.path, top), entry.path
          continue
        place, is_link = os.path.join(folder.place, entry.name), entry.is_symlink()
        if is_link:
          place = os.path.realpath(place)
        if place not in above:
          stack.append(_Folder(entry.path, place, above, folder.linked or is_link))


def special_file(path: str) -> str | None:
  """Why what `walk` came to is no file to be read, or None where it is one."""
  try:
    return None if stat.S_ISREG(os.stat(path).st_mode) else "a device or pipe"
  except OSError as error:
    return f"cannot be read: {error.strerror}"
