"""The scratch folder of one preparation, and the rename that publishes its result.

All of it lies in `<data dir>/.preparing-<name>`, on the disk of the result. What a killed run left
there is removed by the next run for the same name, so rubbish does not grow; nobody reads from it,
so nothing unfinished is taken for a set.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
from collections.abc import Iterator

from dcgan_jax.errors import UserError


@contextlib.contextmanager
def workspace(root: pathlib.Path, name: str) -> Iterator[pathlib.Path]:
  """An empty scratch folder for preparing `name` under a data directory, removed at the end.

  Raises:
    UserError: another process is preparing `name` there, or the folder cannot be written.
  """
  scratch = root / f".preparing-{name}"
  lock = _locked(scratch)
  try:
    for leftover in scratch.iterdir():
      _remove(leftover)
    yield scratch
  finally:
    shutil.rmtree(scratch, ignore_errors=True)
    os.close(lock)


def publish(finished: pathlib.Path, location: pathlib.Path, scratch: pathlib.Path) -> None:
  """Moves a finished set's folder to its place by a rename, the one there before it out of it."""
  location.parent.mkdir(parents=True, exist_ok=True)
  replaced = scratch / "replaced"
  if location.exists():
    location.rename(replaced)
  try:
    finished.rename(location)
  except OSError:
    if replaced.exists():
      replaced.rename(location)
    raise


def _locked(scratch: pathlib.Path) -> int:
  """Opens and locks the scratch folder; the system lets go of the lock when the process dies."""
  while True:
    try:
      scratch.mkdir(parents=True, exist_ok=True)
      lock = os.open(scratch, os.O_RDONLY)
    except OSError as error:
      raise UserError(
        f"data directory {scratch.parent} cannot be written: {error.strerror}.\n"
        "Choose another:  --data-dir=PATH"
      ) from error
    try:
      fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
      os.close(lock)
      name = scratch.name.removeprefix(".preparing-")
      raise UserError(
        f"another process is preparing {name!r} in {scratch.parent} just now.\n"
        "Wait for it, or prepare under another name:  --name=OTHER"
      ) from error
    # Its last owner may have removed the folder between our opening and our locking it.
    if scratch.exists() and os.path.samestat(os.fstat(lock), scratch.stat()):
      return lock
    os.close(lock)


def _remove(path: pathlib.Path) -> None:
  if path.is_dir() and not path.is_symlink():
    shutil.rmtree(path)
  else:
    path.unlink()
