"""One trainer in a workdir: a second would delete and overwrite what the first one writes."""

import contextlib
import errno
import json
import os
import pathlib
import platform
import sys
import time
from collections.abc import Iterator

import filelock

from dcgan_jax.errors import UserError
from dcgan_jax.files import write_json

_LOCK, _HOLDER = ".lock", ".lock.json"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP)  # some network drives know none


@contextlib.contextmanager
def sole_trainer(workdir: pathlib.Path) -> Iterator[None]:
  """Has the workdir to itself while the block runs.

  The system lets go of the lock when the process ends, however it ends.

  Args:
    workdir: an existing folder that can be written.

  Raises:
    UserError: another process trains there; names it.
  """
  lock = filelock.FileLock(workdir / _LOCK, timeout=0)
  try:
    lock.acquire()
  except filelock.Timeout as error:
    raise UserError(
      f"--workdir={workdir}: {_holder(workdir)} trains in it.\n"
      "Wait for its end, stop it, or name another folder."
    ) from error
  except (OSError, NotImplementedError) as error:
    if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
      raise
    print(
      f"--workdir={workdir}: its file system cannot be locked ({error}): see to it that no other "
      "training writes there.",
      file=sys.stderr,
      flush=True,
    )
  try:
    write_json(workdir / _HOLDER, {
      "process": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    })  # fmt: skip
    yield
  finally:
    lock.release()


def _holder(workdir: pathlib.Path) -> str:
  try:
    known = json.loads((workdir / _HOLDER).read_text(encoding="utf-8"))
    return f"process {known['process']} on {known['host']}, since {known['since']},"
  except (OSError, ValueError, KeyError, TypeError):  # just now being written
    return "another process"
