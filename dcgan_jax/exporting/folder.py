"""The folder that an export writes: the model, config.json and README.md, all or nothing."""

import argparse
import pathlib
import sys

from dcgan_jax import parallel
from dcgan_jax.drawing import draw_images, usual_inputs
from dcgan_jax.exporting import onnx_model, stablehlo, weights_file
from dcgan_jax.exporting.card import card
from dcgan_jax.exporting.description import EMA, RAW, Description, describe
from dcgan_jax.exporting.extra import needed
from dcgan_jax.expressions import check_single
from dcgan_jax.files import new_folder, write_json
from dcgan_jax.trained import TrainedGenerator, load_generator

_PACKAGES = {
  "safetensors": ("safetensors",),
  "stablehlo": (),
  "onnx": ("onnx", "onnxruntime"),
  "web": ("onnx", "onnxruntime"),
}


def write(options: argparse.Namespace, out: pathlib.Path) -> str:
  """Exports what the flags ask for.

  Args:
    options: the command's flags.
    out: the folder, which is not there or empty.

  Returns:
    What was written, for people.

  Raises:
    UserError: no such checkpoint, a run that has diverged, or a package that is not installed.
    OSError: `out` cannot be written.
  """
  parallel.check_devices()
  for package in _PACKAGES[options.format]:
    needed(package)
  check_single(options.workdir, "Export")
  generator = load_generator(options.workdir, options.step, options.ema)
  what = f"step {generator.step:,}, {'EMA' if options.ema else 'raw'} weights"
  print(f"{options.workdir}, {what}: writing and checking …", file=sys.stderr, flush=True)
  # One image shows whether weights and pixels are finite.
  inputs = usual_inputs(generator, seed=0)
  list(draw_images(generator, inputs, count=1, description=f"{options.workdir}, {what}"))
  description = describe(generator, EMA if options.ema else RAW)
  with new_folder(out) as temporary:
    measured = _write_model(generator, description, options, temporary)
    write_json(temporary / "config.json", description)
    text = card(description, options.workdir, options.format, measured)
    (temporary / "README.md").write_text(text, encoding="utf-8", errors="backslashreplace")
  for sentence in measured:
    print(f"  {sentence}", file=sys.stderr)
  return f"{options.format} of {what}"


def _write_model(
  generator: TrainedGenerator,
  description: Description,
  options: argparse.Namespace,
  folder: pathlib.Path,
) -> list[str]:
  """Writes the model's own files, and returns what was measured of them."""
  match options.format:
    case "safetensors":
      weights_file.write(generator, description, folder)
    case "stablehlo":
      return stablehlo.write(generator, folder)
    case "onnx":
      return onnx_model.write(generator, description["weights"], folder)
    case "web":
      from dcgan_jax.exporting import web  # nothing else needs it

      web.write(generator, folder, options.runtime, description["weights"])
      return onnx_model.check(generator, folder)
  return []
