"""Draws faces from a trained generator."""

import argparse
import pathlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.startup import prepare_process

if TYPE_CHECKING:
  from dcgan_jax.trained import TrainedGenerator

_EXAMPLES = """examples:
  python -m dcgan_jax.sample --workdir=runs/ex2 --ema --out=grid.png
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=png --out=faces/
  python -m dcgan_jax.sample --workdir=runs/ex2 --num=10000 --format=npz --out=faces.npz

Sample i depends on --seed and i alone: a larger --num adds faces and changes none.
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
  add("--num", type=_whole_number(1, 10**9), default=64, help="how many faces (default 64)")
  add(
    "--seed",
    type=_whole_number(0, 2**31 - 1),
    default=0,
    help="another seed draws other faces (default 0)",
  )
  add("--ema", action="store_true", help="the averaged weights: cleaner, less varied")
  add("--step", type=int, help="which checkpoint (default: the newest)")
  add(
    "--format",
    choices=("grid", "png", "npz"),
    default="grid",
    help="one picture (default), a folder of PNG files, or one NumPy file with uint8 'images'",
  )
  add("--out", type=pathlib.Path, help="default: grid.png, faces/ or faces.npz by format")
  return parser


def _whole_number(low: int, high: int) -> Callable[[str], int]:
  def parse(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not low <= int(text) <= high:
      raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)

  return parse


_DEFAULT_OUT = {"grid": "grid.png", "png": "faces", "npz": "faces.npz"}


def sample(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: no such checkpoint, one of a run that has diverged, or an output that cannot be
      written.
  """
  options = _parser().parse_args(arguments)
  out = options.out or pathlib.Path(_DEFAULT_OUT[options.format])
  _check_out(out, options.format)
  prepare_process()
  from dcgan_jax.trained import load_generator  # jax loads only once the flags are sound

  generator = load_generator(options.workdir, options.step, options.ema)
  kind = "EMA weights" if options.ema else "raw weights"
  description = f"{options.workdir}, step {generator.step:,}, {kind}"
  try:
    _write(generator, options, out, description)
  except OSError as error:
    raise UserError(f"--out={out}: cannot be written: {error.strerror or error}.") from error
  print(f"{options.num} faces from step {generator.step} ({kind}): {out}", file=sys.stderr)
  return 0


def _check_out(out: pathlib.Path, form: str) -> None:
  """Refuses what could only fail, or mix two models' faces, after all are drawn."""
  if form != "png" and out.is_dir():
    raise UserError(
      f"--out={out}: a folder; name a file in it, such as {out / _DEFAULT_OUT[form]}."
    )
  if form == "png" and out.is_dir() and any(out.glob("*.png")):
    raise UserError(f"--out={out}: holds PNG files already. Name an empty folder, or a new one.")


def _write(
  generator: "TrainedGenerator", options: argparse.Namespace, out: pathlib.Path, description: str
) -> None:
  import numpy as np
  from tqdm import tqdm

  from dcgan_jax import figures
  from dcgan_jax.drawing import draw_images
  from dcgan_jax.files import replacing

  batches = draw_images(generator, seed=options.seed, count=options.num, description=description)
  bar = tqdm(total=options.num, unit=" faces", disable=None, leave=False)
  images = []
  index = 0
  with bar:
    for batch in batches:
      bar.update(len(batch))
      if options.format != "png":
        images.append(batch)
        continue
      for image in batch:
        figures.save_png(out / f"{index:06d}.png", image)
        index += 1
  if options.format == "grid":
    figures.save_png(out, figures.grid(np.concatenate(images)), scale=2)
  elif options.format == "npz":
    with replacing(out) as temporary, temporary.open("wb") as file:
      np.savez_compressed(file, images=np.concatenate(images))


if __name__ == "__main__":
  run_command("sample", lambda: sample(sys.argv[1:]))
