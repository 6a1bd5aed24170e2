"""A checkout whose environment is made already, and a start from it."""

import os
import pathlib
import subprocess
import sys


def mark_as_made(venv: pathlib.Path, lock: str) -> None:
  """Leaves the stamp of an environment that has what the lock pins."""
  stamp = f'echo "$("$PYTHON" --version) $(cksum <launch/{lock})"'
  written = subprocess.run(
    ["bash", "-c", stamp], cwd=venv.parent, env={**os.environ, "PYTHON": sys.executable},
    check=True, capture_output=True, text=True,
  )  # fmt: skip
  (venv / ".stamp").write_text(written.stdout)


def quickstart(checkout, python, *arguments, **environment):
  return subprocess.run(
    ["bash", "launch/quickstart.sh", *arguments], cwd=checkout, check=False, capture_output=True,
    text=True, env={**os.environ, "PYTHON": str(python), **environment},
  )  # fmt: skip
