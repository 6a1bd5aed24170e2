"""The heavy modules that a command should do without: which of them a program loads."""

import subprocess
import sys

HEAVY = {"jax", "tensorflow", "tensorflow_datasets", "cv2"}


def modules_loaded(program: str, *arguments: object) -> set[str]:
  """Those of HEAVY that are loaded when the program, with these `sys.argv[1:]`, has ended well."""
  listing = f"lambda: print(*{HEAVY} & sys.modules.keys(), file=sys.stderr)"
  code = f"import atexit, sys\natexit.register({listing})\n{program}"
  command = [sys.executable, "-c", code, *map(str, arguments)]
  ran = subprocess.run(command, capture_output=True, text=True)
  assert ran.returncode == 0, ran.stderr
  return set(ran.stderr.splitlines()[-1].split())
