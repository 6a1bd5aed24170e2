"""Exports a trained generator to where there is no checkpoint, no dcgan_jax, or no JAX.

Each format is a folder with the model, config.json, which says for programs what it takes and how
it was trained, and README.md, which says for people what it is, how good, and what it may be used
for.
"""

import argparse
import pathlib
import sys
from collections.abc import Sequence

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.out_flag import check_out_folder
from dcgan_jax.startup import prepare_process

_EXAMPLES = """formats:
  safetensors  the weights, for dcgan_jax and whoever reads arrays
  stablehlo    one function for JAX alone, on CPUs, NVIDIA GPUs and TPUs, any batch
  onnx         for ONNX Runtime and the like, checked with it; a float16 variant beside it
  web          a page that draws faces in the browser

examples:
  python -m dcgan_jax.export --workdir=runs/ex2 --ema --format=safetensors
  python -m dcgan_jax.export --workdir=runs/ex2 --ema --format=stablehlo
  python -m dcgan_jax.export --workdir=runs/ex2 --step=5000 --format=onnx --out=faces-onnx
  python -m dcgan_jax.export --workdir=runs/ex2 --ema --format=web

safetensors, onnx and web need pip install ".[export]". The scores in README.md are those that
python -m dcgan_jax.evaluate has taken of the same step and weights: score first, then export.
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("export", "--workdir=RUN --format=AS [options]", __doc__, _EXAMPLES)
  add = parser.add_argument
  add("--workdir", type=pathlib.Path, required=True, metavar="RUN", help="the run's folder")
  add(
    "--format",
    choices=("safetensors", "stablehlo", "onnx", "web"),
    required=True,
    metavar="AS",
    help="see below",
  )
  add("--ema", action="store_true", help="the averaged weights: cleaner, less varied")
  add("--step", type=int, metavar="N", help="which checkpoint (default: the newest)")
  add("--out", type=pathlib.Path, metavar="DIR", help="a new folder (default: exported-FORMAT)")
  add(
    "--runtime",
    type=pathlib.Path,
    metavar="DIR",
    help="for web: a folder with onnxruntime-web's files, instead of asking npm",
  )
  add_help(parser)
  return parser


def export(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: no such checkpoint, a run that has diverged, a package that is not installed, or a
      folder that cannot be written.
  """
  options = _parser().parse_args(arguments)
  if options.runtime and options.format != "web":
    raise UserError(f"--runtime is for --format=web; {options.format} needs none.")
  out = options.out or pathlib.Path(f"exported-{options.format}")
  try:
    check_out_folder(out)
    prepare_process()
    from dcgan_jax.exporting import folder  # jax loads only once the flags are sound

    told = folder.write(options, out)
  except OSError as error:
    raise UserError(f"--out={out}: cannot be written: {error.strerror or error}.") from error
  print(f"{told}: {out}", file=sys.stderr)
  return 0


if __name__ == "__main__":
  run_command("export", lambda: export(sys.argv[1:]))
