"""ONNX: a generator for onnxruntime and everything that reads its format, without JAX.

The model takes "latents", float32 [batch, latent_size], and where it knows classes "classes",
float32 [batch, num_classes], and makes "pixels", float32 [batch, height, width, channels].
"""

import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax import __version__
from dcgan_jax.exporting.extra import needed
from dcgan_jax.exporting.forward import check_agreement, forward, shapes, usual_arguments
from dcgan_jax.exporting.onnx_float16 import to_float16
from dcgan_jax.exporting.onnx_graph import Graph, Tensor, lower
from dcgan_jax.exporting.onnx_operations import RULES
from dcgan_jax.pixels import to_images
from dcgan_jax.trained import TrainedGenerator

NAME, FLOAT16_NAME = "generator.onnx", "generator_float16.onnx"

# The oldest that has all the operations, with the file format of its time: whatever has been
# released since the summer of 2022 reads both.
OPSET = 17
_FILE_FORMAT = 8

_SAMPLES = 64  # that the float16 variant is measured with


def to_onnx(generator: TrainedGenerator, kind: str = "") -> Any:
  """Writes a generator as an ONNX model.

  Args:
    generator: a checkpoint's.
    kind: of its weights, "raw" or "ema", for the model's metadata.

  Returns:
    A checked onnx.ModelProto. Its metadata has "class_names" as JSON, "latent_size",
    "latent_distribution", "step", "weights" and "dcgan_jax", the version.

  Raises:
    UserError: the onnx package is not installed, or the model computes what there is no rule for.
  """
  onnx = needed("onnx")
  networks, (batch,) = generator.networks, jax.export.symbolic_shape("batch")
  inputs = shapes(networks, batch)
  program = jax.make_jaxpr(forward(generator))(*inputs.values())
  graph = Graph()
  (pixels,) = lower(graph, program, [Tensor(name) for name in inputs], RULES)
  assert isinstance(pixels, Tensor)  # a generator depends on its latents
  graph.nodes.append(onnx.helper.make_node("Identity", [pixels.name], ["pixels"], "pixels"))

  def described(name: str, *sizes: int) -> Any:
    shape = ["batch", *sizes]
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

  model = onnx.helper.make_model(
    onnx.helper.make_graph(
      graph.nodes,
      "generator",
      [described(name, one.shape[1]) for name, one in inputs.items()],
      [described("pixels", *networks.image_shape)],
      graph.constants,
    ),
    opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    ir_version=_FILE_FORMAT,
    producer_name="dcgan_jax",
    producer_version=__version__,
  )
  onnx.helper.set_model_props(model, _metadata(generator, kind))
  onnx.checker.check_model(model, full_check=True)
  return model


def _metadata(generator: TrainedGenerator, kind: str) -> dict[str, str]:
  networks = generator.networks
  return {
    "class_names": json.dumps(generator.class_names if networks.num_classes else []),
    "latent_size": str(networks.latent_size),
    "latent_distribution": networks.latent_distribution,
    "step": str(generator.step),
    "weights": kind,
    "dcgan_jax": __version__,
  }


def write(generator: TrainedGenerator, kind: str, folder: pathlib.Path) -> list[str]:
  """Writes generator.onnx, checked with onnxruntime, and its float16 variant.

  Args:
    generator: a checkpoint's.
    kind: of its weights, "raw" or "ema".
    folder: where to; it is there.

  Returns:
    What was measured, in sentences.

  Raises:
    UserError: as for `to_onnx`, or the model makes other pixels than the generator.
    OSError: they cannot be written.
  """
  model = to_onnx(generator, kind)
  (folder / NAME).write_bytes(model.SerializeToString())
  told = check(generator, folder)
  half = to_float16(model)
  arguments = usual_arguments(generator, _SAMPLES)
  pixels = _Session(half)(*arguments)
  if not np.isfinite(pixels).all():
    return [*told, "There is no float16 variant: some activations are above its largest number."]
  (folder / FLOAT16_NAME).write_bytes(half.SerializeToString())
  levels = np.abs(_levels(_Session(model)(*arguments)) - _levels(pixels))
  return [
    *told,
    f"In float16 {_SAMPLES} images differ from those in float32 by at most {levels.max()} levels "
    f"of 255 in a pixel, and by {levels.mean():.2g} in the mean.",
  ]


def check(generator: TrainedGenerator, folder: pathlib.Path) -> list[str]:
  """Runs the generator.onnx of a folder, and says by how much it differs from the generator.

  Raises:
    UserError: by too much, or onnxruntime is not installed.
  """
  model = needed("onnx").load(folder / NAME)
  with jax.default_matmul_precision("highest"):  # onnxruntime computes in float32, on any machine
    difference = check_agreement(generator, _Session(model), "ONNX")
  return [f"Pixels differ from the generator's in JAX by at most {difference:.1g} of 2."]


def _levels(pixels: np.ndarray) -> np.ndarray:
  return np.asarray(to_images(jnp.asarray(pixels))).astype(int)


class _Session:
  """A model in onnxruntime, on the CPU, as a function of arrays."""

  def __init__(self, model: Any):
    self._session = needed("onnxruntime").InferenceSession(
      model.SerializeToString(), providers=["CPUExecutionProvider"]
    )

  def __call__(self, *arguments: np.ndarray) -> np.ndarray:
    names = [one.name for one in self._session.get_inputs()]
    (pixels,) = self._session.run(["pixels"], dict(zip(names, arguments, strict=True)))
    return np.asarray(pixels)
