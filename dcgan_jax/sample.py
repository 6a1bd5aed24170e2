"""Draws faces from a trained generator."""

import argparse
import pathlib
import sys
from collections.abc import Sequence

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.out_flag import check_out_file, check_out_folder
from dcgan_jax.startup import prepare_process
from dcgan_jax.waiting import doing
from dcgan_jax.whole_number import seed, whole_number

_EXAMPLES = """examples:
  python -m dcgan_jax.sample --workdir=runs/ex2 --ema --out=grid.png
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=png
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=npz
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=8 --format=gif

of a model that knows expressions (projection_…, acgan_…), or of one for each (radford_fer2013):
  python -m dcgan_jax.sample --workdir=runs/acgan --expression=happy
  python -m dcgan_jax.sample --workdir=runs/acgan --expression=happy:0.7,sad:0.3
  python -m dcgan_jax.sample --workdir=runs/acgan --num=8 --format=expressions

Sample i depends on --seed and i alone: a larger --num adds faces and changes none. Without
--expression each face has one, as often as in the training set; the .npz has them as 'labels'.
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("sample", "--workdir=RUN [options]", __doc__, _EXAMPLES)
  add = parser.add_argument
  add("--workdir", type=pathlib.Path, required=True, metavar="RUN", help="the run's folder")
  add(
    "--num",
    type=whole_number(1, 10**9),
    metavar="N",
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
  add("--seed", type=seed, default=0, metavar="N", help="another draws other faces (default 0)")
  add("--ema", action="store_true", help="the averaged weights: cleaner, less varied")
  add("--step", type=int, metavar="N", help="which checkpoint (default: the newest)")
  add(
    "--format",
    choices=tuple(_DEFAULT_OUT),
    default="grid",
    metavar="AS",
    help="grid: one picture (default); png: a folder of files, in a folder for each expression "
    "where the model knows them or was trained on one; npz: a NumPy file with uint8 'images' (and "
    "'labels', 'class_names'); expressions: a picture with a column for each and a row for each "
    "latent; gif: a film from face to face and back to the first",
  )
  add(
    "--out",
    type=pathlib.Path,
    metavar="PATH",
    help="default: grid.png, faces, faces.npz, expressions.png or faces.gif",
  )
  add_help(parser)
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
    if options.format == "png":
      check_out_folder(out)
    else:
      check_out_file(out, _DEFAULT_OUT[options.format])
    prepare_process()
    with doing("loading JAX"):  # only once the flags are sound
      from dcgan_jax import sample_formats

    told = sample_formats.write(options, num, out)
  except OSError as error:
    raise UserError(f"--out={out}: cannot be written: {error.strerror or error}.") from error
  print(f"{told}: {out}", file=sys.stderr)
  return 0


if __name__ == "__main__":
  run_command("sample", lambda: sample(sys.argv[1:]))
