"""A whole command in a process of its own: how it ended, and the most memory it ever held."""

import json
import os
import pathlib
import signal
import subprocess
import sys
from typing import NamedTuple

# A process starts with its parent's peak as its own, and pytest's is large. This one's is not.
_SMALL_PARENT = """
import json, os, sys
report, *command = sys.argv[1:]
pid = os.posix_spawn(command[0], command, os.environ)
_, status, used = os.wait4(pid, 0)
os.write(int(report), json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss]).encode())
"""


class Ended(NamedTuple):
  """How a command ended."""

  code: int  # minus the signal where it was killed
  out: str
  err: str
  peak_bytes: int  # resident, of it or of the largest process that it waited for


def run(arguments: list[str], place: pathlib.Path, seconds: float, **variables: str) -> Ended:
  """Runs Python with these arguments to its end.

  Its home, with temporary files and caches, is `place/home`, and it starts in `place/here`.

  Raises:
    TimeoutError: it had not ended after so many seconds, and was killed.
  """
  for folder in ("here", "home/temporary"):
    (place / folder).mkdir(parents=True, exist_ok=True)
  homes = {"HOME": str(place / "home"), "XDG_CACHE_HOME": str(place / "home" / "cache")}
  own = (
    homes
    | {"TMPDIR": str(place / "home" / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
    | variables
  )
  reading, report = os.pipe()
  process = subprocess.Popen(
    [sys.executable, "-ISc", _SMALL_PARENT, str(report), sys.executable, *arguments],
    env=os.environ | own,
    cwd=place / "here",
    stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    pass_fds=[report],
    start_new_session=True,
  )
  os.close(report)
  try:
    out, err = process.communicate(timeout=seconds)
  except subprocess.TimeoutExpired as error:
    os.killpg(process.pid, signal.SIGKILL)
    _, err = process.communicate()
    raise TimeoutError(f"not ended after {seconds} s: {arguments}\n{err.decode()}") from error
  with open(reading, "rb") as file:
    code, kilobytes = json.load(file)
  return Ended(code, out.decode(errors="replace"), err.decode(errors="replace"), 1024 * kilobytes)


def listing(top: pathlib.Path, *without: pathlib.Path) -> dict[str, tuple[object, ...]]:
  """What lies under a folder, but for what lies under others: kinds, sizes, times and links."""
  found: dict[str, tuple[object, ...]] = {}
  for folder, folders, files in os.walk(top):
    inside = [name for name in folders if pathlib.Path(folder, name) not in without]
    folders[:] = inside
    for name in [*inside, *files]:
      path = os.path.join(folder, name)
      status = os.lstat(path)
      # A folder's own time changes where something temporary came and went.
      seen = (status.st_mode, status.st_size, status.st_mtime_ns)
      found[path] = seen if name in files else (status.st_mode,)
      if os.path.islink(path):
        found[path] += (os.readlink(path),)
  return found
