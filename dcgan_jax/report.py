"""Writes the page of a run, or one that compares several.

A training keeps report.html in its workdir up to date, and so does the evaluation; this writes it
anew, for a run of which files are damaged or missing too.
"""

import argparse
import os
import pathlib
import re
import sys
from collections.abc import Sequence

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.startup import prepare_process

_EXAMPLES = """examples:
  python -m dcgan_jax.report runs/ex2
  python -m dcgan_jax.report runs/ex2 --no-training-images --out=for_all.html
  python -m dcgan_jax.report runs/ex1 runs/ex2     # side by side
  python -m dcgan_jax.report runs/radford_fer2013  # its run of each class
  python -m dcgan_jax.report runs/ex2 --picture=page.png

A page is one file: no network, no other file. Open it in any browser, on a phone too.
"""
_USUAL_SIZE = (1200, 1600)  # of a picture
_OF_A_RUN = ("config.json", "run.json", "metrics.jsonl", "checkpoints", "samples")


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("report", "RUN [RUN ...] [options]", __doc__, _EXAMPLES)
  add = parser.add_argument
  add(
    "workdirs",
    nargs="+",
    type=pathlib.Path,
    metavar="RUN",
    help="a run's folder; of several their comparison",
  )
  add(
    "--out",
    type=pathlib.Path,
    metavar="FILE",
    help="the page (default: report.html in the workdir; of several comparison.html)",
  )
  add(
    "--no-training-images",
    action="store_true",
    help="leaves the closest training photographs out: for whoever may not see the data set",
  )
  add(
    "--picture",
    type=pathlib.Path,
    metavar="FILE",
    help="a PNG of the page's upper part too, drawn by Chromium",
  )
  add(
    "--size",
    type=_size,
    metavar="WxH",
    help="of the picture, in pixels (default 1200x1600)",
  )
  add_help(parser)
  return parser


def _size(text: str) -> tuple[int, int]:
  match = re.fullmatch(r"(\d{3,4})x(\d{3,5})", text)
  if not match:
    raise argparse.ArgumentTypeError(f"{text!r}: width and height in pixels, such as 1200x1600")
  return int(match[1]), int(match[2])


def report(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: no such workdir, or nothing of a run in it; a page or picture that cannot be made.
  """
  options = _parser().parse_args(arguments)
  if options.size and not options.picture:
    raise UserError("--size is the picture's: name its file with --picture.")
  prepare_process()
  for workdir in options.workdirs:
    if not workdir.is_dir():
      raise UserError(f"{workdir}: no such folder. Name a run's, such as runs/quickstart.")
  runs, home = _runs(options.workdirs)
  out = options.out or (home / "report.html" if home else pathlib.Path("comparison.html"))
  for file, flag in ((out, "--out"), (options.picture, "--picture")):
    if file and os.path.isdir(file):
      raise UserError(f"{file}: is a folder. Name a file with {flag}.")
  from dcgan_jax.reporting.browser_picture import take_picture
  from dcgan_jax.reporting.comparison_page import write_comparison
  from dcgan_jax.reporting.run_page import write_page

  try:
    if len(runs) > 1:
      write_comparison(runs, out)
    else:
      write_page(runs[0], out, with_training_images=not options.no_training_images)
  except OSError as error:
    raise UserError(
      f"{out}: cannot be written: {error.strerror or error}. Name another file with --out."
    ) from error
  print(out)
  if options.picture:
    try:
      take_picture(out, options.picture, *(options.size or _USUAL_SIZE))
    except OSError as error:
      what = f"--picture={options.picture}: cannot be written: {error.strerror or error}."
      raise UserError(what) from error
    print(options.picture)
  return 0


def _runs(workdirs: Sequence[pathlib.Path]) -> tuple[list[pathlib.Path], pathlib.Path | None]:
  """The folders of the runs meant, and the one that their page belongs into."""
  different: dict[pathlib.Path, pathlib.Path] = {}
  for path in workdirs:
    different.setdefault(path.resolve(), path)
  if len(different) > 1:
    return list(different.values()), None
  (workdir,) = different.values()
  if _is_run(workdir):
    return [workdir], workdir
  try:
    inside = sorted(path for path in workdir.iterdir() if path.is_dir() and _is_run(path))
  except OSError as error:
    raise UserError(f"{workdir}: cannot be read: {error.strerror or error}.") from error
  if not inside:
    raise UserError(
      f"{workdir}: not a run's folder, nor one of runs: there is none of {', '.join(_OF_A_RUN)}."
    )
  return inside, workdir


def _is_run(folder: pathlib.Path) -> bool:
  return any(os.path.exists(folder / name) for name in _OF_A_RUN)


if __name__ == "__main__":
  run_command("report", lambda: report(sys.argv[1:]))
