"""The one exception that stands for a mistake the user can mend, and how commands end on it."""

import io
import re
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

# The exit codes of every command; README lists them.
EXIT_OK = 0
EXIT_USAGE = 2
EXIT_DIVERGED = 3
EXIT_INTERRUPTED = 75  # sysexits.h EX_TEMPFAIL: run the same command again

_ADDRESS = re.compile(r"(--?[\w.-]+=)?[a-z][a-z0-9+]*://")

_LONGEST_MESSAGE = 8000  # characters; a name in an archive can have more


class UserError(Exception):
  """Bad input: the message names the file, row or field and the fix, and is shown alone."""


def printable(text: str) -> str:
  """The text with escapes for what a terminal would obey: names of files can hold anything."""
  return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def fail(command: str, message: object) -> NoReturn:
  """Ends the process as a usage error, the message indented under the command's name."""
  text = str(message)
  shown = text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " …"
  first, *rest = printable(shown).splitlines() or [""]
  pad = " " * (len(command) + 2)
  print("\n".join([f"{command}: {first}", *(pad + line for line in rest)]), file=sys.stderr)
  sys.exit(EXIT_USAGE)


def run_command(command: str, body: Callable[[], int | None]) -> NoReturn:
  """Runs a command's body and exits with its code.

  A UserError becomes a message and code 2; Ctrl-C and SIGTERM, which trainings see to themselves
  (interruption.py), a line and code 75: whoever stopped the command may run it again.
  """
  signal.signal(signal.SIGTERM, signal.default_int_handler)
  if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="backslashreplace")  # names of files need be no UTF-8
  try:
    _refuse_addresses(sys.argv[1:])
    code = body()
  except UserError as error:
    fail(command, error)
  except KeyboardInterrupt:
    print(f"{command}: interrupted. Run the same command again.", file=sys.stderr)
    sys.exit(EXIT_INTERRUPTED)
  sys.exit(code or EXIT_OK)


def _refuse_addresses(arguments: list[str]) -> None:
  """As a path `gs://bucket/run` would be a folder here, named `gs:`, and lost with the machine."""
  for argument in arguments:
    if _ADDRESS.match(argument):
      raise UserError(
        f"{argument}: an address, where a folder or file of this machine is needed.\n"
        "Mount the bucket and name the folder where it is mounted; on Cloud TPUs launch/tpu.sh "
        "keeps a run's workdir in one."
      )
