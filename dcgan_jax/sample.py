"""Draws faces from a trained generator."""

import argparse
import os
import pathlib
import sys
from collections.abc import Sequence

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.startup import prepare_process
from dcgan_jax.whole_number import seed, whole_number

_EXAMPLES = """examples:
  python -m dcgan_jax.sample --workdir=runs/ex2 --ema --out=grid.png
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=png --out=faces/
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=npz --out=faces.npz
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=8 --format=gif

of a model that knows expressions (projection_…, acgan_…), or of one for each (radford_fer2013):
  python -m dcgan_jax.sample --workdir=runs/acgan_fer2013 --expression=happy
  python -m dcgan_jax.sample --workdir=runs/acgan_fer2013 --expression=happy:0.7,surprise:0.3
  python -m dcgan_jax.sample --workdir=runs/acgan_fer2013 --num=8 --format=expressions

Sample i depends on --seed and i alone: a larger --num adds faces and changes none. Without
--expression each face has one, as often as in the training set; the .npz has them as 'labels'.
"""


def _parser() -> argparse.ArgumentParser:
  parser = argparse.ArgumentParser(
    prog="python -m dcgan_jax.sample",
    description=__doc__,
    epilog=_EXAMPLES,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  add = parser.add_argument
  add("--workdir", type=pathlib.Path, required=True, help="the run's folder")
  add(
    "--num",
    type=whole_number(1, 10**9),
    help="how many faces (default 64); for expressions how many rows, for gif how many faces to "
    "pass through (default 8)",
  )
  add(
    "--expression",
    type=_mixture,
    default={},
    metavar="NAME",
    help="one expression, or several with their weights: happy:0.7,surprise:0.3",
  )
  add("--seed", type=seed, default=0, help="another seed draws other faces (default 0)")
  add("--ema", action="store_true", help="the averaged weights: cleaner, less varied")
  add("--step", type=int, help="which checkpoint (default: the newest)")
  add(
    "--format",
    choices=tuple(_DEFAULT_OUT),
    default="grid",
    help="one picture (default); a folder of PNG files, in a folder for each expression where the "
    "model knows them or was trained on one; one NumPy file with uint8 'images' (and 'labels', "
    "'class_names'); a picture with a column for each expression and a row for each latent; or a "
    "film that goes from face to face and back to the first",
  )
  add("--out", type=pathlib.Path, help="default: grid.png, faces/, faces.npz, … by format")
  return parser


_DEFAULT_OUT = {
  "grid": "grid.png",
  "png": "faces",
  "npz": "faces.npz",
  "expressions": "expressions.png",
  "gif": "faces.gif",
}


def _mixture(text: str) -> dict[str, float]:
  asked = {}
  for part in text.split(","):
    name, colon, weight = part.strip().partition(":")
    try:
      asked[name] = float(weight) if colon else 1.0
    except ValueError:
      asked[name] = -1.0
    if not name or not 0 < asked[name] < float("inf"):
      raise argparse.ArgumentTypeError(
        f"{part!r}: a name, or a name and a weight above 0, such as happy:0.7"
      )
  return asked


def sample(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: no such checkpoint or expression, a run that has diverged, or an output that cannot
      be written.
  """
  options = _parser().parse_args(arguments)
  if options.format == "expressions" and options.expression:
    raise UserError("--format=expressions shows every expression: leave out --expression.")
  out = options.out or pathlib.Path(_DEFAULT_OUT[options.format])
  num = options.num or (8 if options.format in ("expressions", "gif") else 64)
  try:
    _check_out(out, options.format)
    prepare_process()
    from dcgan_jax import sample_formats  # jax loads only once the flags are sound

    told = sample_formats.write(options, num, out)
  except OSError as error:
    raise UserError(f"--out={out}: cannot be written: {error.strerror or error}.") from error
  print(f"{told}: {out}", file=sys.stderr)
  return 0


def _check_out(out: pathlib.Path, form: str) -> None:
  """Refuses what could only fail, or mix two models' faces, after all are drawn."""
  if form != "png" and out.is_dir():
    raise UserError(
      f"--out={out}: a folder; name a file in it, such as {out / _DEFAULT_OUT[form]}."
    )
  is_empty = out.is_dir() and not any(out.iterdir())
  if form == "png" and os.path.lexists(out) and not is_empty:
    raise UserError(f"--out={out}: is there already. Name an empty folder, or a new one.")
  if form == "png" and os.path.ismount(out):  # the finished folder could not take its place
    raise UserError(f"--out={out}: a mounted disk; name a folder in it, such as {out / 'faces'}.")
  above = next(folder for folder in out.absolute().parents if os.path.exists(folder))
  if not above.is_dir() or not os.access(above, os.W_OK):
    raise UserError(f"--out={out}: cannot be written: {above} is no folder that you can write to.")


if __name__ == "__main__":
  run_command("sample", lambda: sample(sys.argv[1:]))
