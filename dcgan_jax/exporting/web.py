"""A page that draws faces in the browser: a folder that any static host serves."""

import pathlib
import shutil
from importlib import resources
from typing import Any

import numpy as np

from dcgan_jax import __version__
from dcgan_jax.exporting.onnx_model import NAME, to_onnx
from dcgan_jax.exporting.onnxruntime_web import read_runtime
from dcgan_jax.files import write_json
from dcgan_jax.gan.latents import sample_latents
from dcgan_jax.trained import TrainedGenerator

LISTED = 256
"""The faces that the page shares with `sample`: samples 0 … 255 of seed 0."""


def write(
  generator: TrainedGenerator,
  folder: pathlib.Path,
  runtime: pathlib.Path | None,
  kind: str = "",
) -> None:
  """Fills a folder with the page, the generator and ONNX Runtime Web.

  Beside what is in page/, it holds generator.onnx; model.json, what the page must know of it;
  latents.bin, float32 little-endian [LISTED, latent_size]; and onnxruntime/.

  Args:
    generator: a checkpoint's.
    folder: where to; it exists, and what it has of other names stays.
    runtime: a folder of the onnxruntime-web package; None for the cache or npm.
    kind: of its weights, "raw" or "ema", which the page tells.

  Raises:
    UserError: ONNX Runtime Web cannot be had.
    OSError: the folder cannot be written.
  """
  files = read_runtime(runtime)  # first, since it may fail
  with resources.as_file(resources.files("dcgan_jax.exporting") / "page") as page:
    shutil.copytree(page, folder, dirs_exist_ok=True)
  for name, content in files.items():
    # Not every static host knows .mjs for a script, and a browser runs nothing else as one.
    (folder / "onnxruntime" / name.replace(".mjs", ".js")).write_bytes(content)
  (folder / NAME).write_bytes(to_onnx(generator, kind).SerializeToString())
  latents = sample_latents(0, 0, LISTED, generator.networks)
  (folder / "latents.bin").write_bytes(np.asarray(latents).astype("<f4").tobytes())
  write_json(folder / "model.json", _described(generator, kind))


def _described(generator: TrainedGenerator, kind: str) -> dict[str, Any]:
  networks, data = generator.networks, generator.record["data"]
  counts = data.get("class_counts", [])  # older records lack them
  return {
    "image_shape": list(networks.image_shape),
    "class_names": list(generator.class_names) if networks.num_classes else [],
    # What it has seen most of, the page shows first.
    "first_class": int(np.argmax(counts)) if counts else 0,
    "expression": generator.expression,
    "latent_size": networks.latent_size,
    "latent_distribution": networks.latent_distribution,
    "listed": LISTED,
    "step": generator.step,
    "weights": kind,
    "data": generator.record["config"]["data"]["name"],
    "dcgan_jax": __version__,
  }
