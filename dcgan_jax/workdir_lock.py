"""One trainer in a workdir: a second would delete and overwrite what the first one writes."""

import contextlib
import errno
import fcntl
import os
import pathlib
import platform
import sys
import time
from collections.abc import Iterator

from dcgan_jax.errors import UserError
from dcgan_jax.files import check_file

_LOCK = "lock"
_TRIES, _SECONDS_BETWEEN_TRIES = 3, 0.05
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # some network drives know none


@contextlib.contextmanager
def sole_trainer(workdir: pathlib.Path) -> Iterator[None]:
  """Has the workdir to itself while the block runs.

  The system lets go of the lock when the process ends, however it ends. The file stays, and says
  who held it last.

  Args:
    workdir: an existing folder that can be written.

  Raises:
    UserError: another process trains there; names it.
    OSError: the folder cannot be written.
  """
  check_file(workdir / _LOCK)
  # Through a link another file would be emptied.
  opener = lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o666)
  with open(workdir / _LOCK, "a+", encoding="utf-8", opener=opener) as file:
    try:
      _lock(file.fileno())
    except BlockingIOError as error:
      file.seek(0)
      raise UserError(
        f"--workdir={workdir}: {file.read().strip() or 'another process'} trains in it.\n"
        "Wait for its end, stop it, or name another folder."
      ) from error
    except OSError as error:
      if error.errno not in _NO_LOCKS:
        raise
      print(
        f"--workdir={workdir}: its file system knows no locks ({error.strerror}): see to it that "
        "no other training writes there.",
        file=sys.stderr,
        flush=True,
      )
    file.truncate(0)
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    file.write(f"process {os.getpid()} on {platform.node()}, since {since},\n")
    file.flush()
    yield


def is_locked(workdir: pathlib.Path) -> bool:
  """Whether somebody trains in a workdir at this moment, as far as its file system tells."""
  try:
    check_file(workdir / _LOCK)
    with (workdir / _LOCK).open("rb") as file:
      fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
  except BlockingIOError:
    return True
  except OSError:
    return False
  return False


def _lock(file: int) -> None:
  """Takes the lock, also where `is_locked` has it for a moment. Errors are flock's."""
  for _ in range(_TRIES - 1):
    try:
      return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      time.sleep(_SECONDS_BETWEEN_TRIES)
  return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
