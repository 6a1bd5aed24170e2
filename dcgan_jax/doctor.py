"""Says what is here of what dcgan_jax needs, and what to type for what is missing.

Python and packages, devices, memory and disks, prepared data sets, what evaluations look through,
extras, and what is kept on disk. Nothing is fetched, changed or written.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from dcgan_jax.checkup.examine import CHECKS, examine
from dcgan_jax.checkup.finding import Finding, State
from dcgan_jax.checkup.table import in_encoding, lines
from dcgan_jax.errors import EXIT_OK, EXIT_USAGE, printable, run_command
from dcgan_jax.help_page import add_help, command_parser

_EXAMPLES = """examples:
  python -m dcgan_jax.doctor
  python -m dcgan_jax.doctor --data-dir=data
  python -m dcgan_jax.doctor && python -m dcgan_jax.main --config=configs/ex2.py

✓ is there, ✗ is to be mended, – is not there and not needed to train.

exit codes: 0 a training can start here; 2 none can, for want of a package, a device or a prepared
set: what to type first is told at the end
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("doctor", "[options]", __doc__, _EXAMPLES)
  about = "where prepared sets are (default $DCGAN_JAX_DATA, else the user's cache)"
  parser.add_argument("--data-dir", metavar="DIR", help=about)
  add_help(parser)
  return parser


def doctor(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code."""
  options = _parser().parse_args(arguments)
  found: list[Finding] = []
  for check in CHECKS:
    _print([check.title])  # at once: jax takes seconds to find its devices
    for finding in examine(check, options.data_dir):
      _print(lines(finding))
      found.append(finding)
  _print(["", *_conclusion(found)])
  return EXIT_USAGE if any(finding.vital for finding in found) else EXIT_OK


def _conclusion(found: list[Finding]) -> list[str]:
  vital = [finding for finding in found if finding.vital]
  others = [one.what for one in found if one.state is State.WRONG and not one.vital]
  if vital:
    told = [f"  {finding.what}: {finding.fix or finding.detail}" for finding in vital]
    return ["No training can start here. First:", *map(printable, told)]
  if others:
    return [f"A training can start here. To be mended: {printable(', '.join(others))}."]
  return ["A training can start here."]


def _print(texts: list[str]) -> None:
  try:
    print("\n".join(in_encoding(texts, sys.stdout.encoding)), flush=True)
  except BrokenPipeError:  # who reads has seen enough, but the exit code is still to come
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
  run_command("doctor", lambda: doctor(sys.argv[1:]))
