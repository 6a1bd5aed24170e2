"""The one exception that stands for a mistake the user can mend, and how commands end on it."""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn

# The exit codes of every command; README lists them.
EXIT_OK = 0
EXIT_USAGE = 2
EXIT_DIVERGED = 3
EXIT_INTERRUPTED = 75  # sysexits.h EX_TEMPFAIL: run the same command again


class UserError(Exception):
  """Bad input: the message names the file, row or field and the fix, and is shown alone."""


def fail(command: str, message: object) -> NoReturn:
  """Ends the process as a usage error, the message indented under the command's name."""
  first, *rest = str(message).splitlines() or [""]
  pad = " " * (len(command) + 2)
  print("\n".join([f"{command}: {first}", *(pad + line for line in rest)]), file=sys.stderr)
  sys.exit(EXIT_USAGE)


def run_command(command: str, body: Callable[[], int | None]) -> NoReturn:
  """Runs a command's body and exits with its code.

  A UserError becomes a message and code 2; Ctrl-C and SIGTERM, which trainings see to themselves
  (interruption.py), a line and code 75: whoever stopped the command may run it again.
  """
  signal.signal(signal.SIGTERM, signal.default_int_handler)
  try:
    code = body()
  except UserError as error:
    fail(command, error)
  except KeyboardInterrupt:
    print(f"{command}: interrupted. Run the same command again.", file=sys.stderr)
    sys.exit(EXIT_INTERRUPTED)
  sys.exit(code or EXIT_OK)
