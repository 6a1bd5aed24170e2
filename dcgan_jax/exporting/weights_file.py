"""safetensors: a generator's weights, with all that it takes to build it again."""

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from dcgan_jax.errors import UserError
from dcgan_jax.exporting.description import Description, described
from dcgan_jax.exporting.extra import needed
from dcgan_jax.exporting.forward import shapes
from dcgan_jax.files import check_file
from dcgan_jax.models.networks import Networks
from dcgan_jax.trained import PyTree, TrainedGenerator

NAME = "generator.safetensors"

_DESCRIPTION = "dcgan_jax"  # the key of the file's metadata


def write(generator: TrainedGenerator, description: Description, folder: pathlib.Path) -> None:
  """Writes generator.safetensors: arrays named params/up1/kernel and so on.

  Args:
    generator: a checkpoint's.
    description: of it; it goes into the file's metadata as JSON, under "dcgan_jax".
    folder: where to; it is there.

  Raises:
    UserError: the safetensors package is not installed.
    OSError: it cannot be written.
  """
  arrays = {name: np.asarray(leaf) for name, leaf in _flat(generator.weights).items()}
  metadata = {_DESCRIPTION: json.dumps(description)}
  (folder / NAME).write_bytes(needed("safetensors.numpy").save(arrays, metadata))


def load(path: pathlib.Path | str) -> TrainedGenerator:
  """Loads an exported generator; its workdir is not needed.

  Args:
    path: generator.safetensors, or the folder that it is in.

  Returns:
    What a workdir's generator is too: `draw_images` of drawing.py draws with it.

  Raises:
    UserError: there is no such file, it is damaged or another program's, or the safetensors package
      is not installed.
  """
  path = pathlib.Path(path)
  file = path / NAME if path.is_dir() else path
  arrays, metadata = _read(file)
  try:
    description = json.loads(metadata[_DESCRIPTION])
    generator = described(description, unflatten_dict(arrays, sep="/"))
    expected = _flat(_abstract_weights(generator.networks))
  except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
    raise UserError(
      f"{file}: its metadata describe no generator of dcgan_jax. Export it anew:\n"
      "  python -m dcgan_jax.export --workdir=RUN --format=safetensors"
    ) from error
  for name in sorted(expected.keys() | arrays.keys()):
    _check(file, name, expected.get(name), arrays.get(name))
  # A collection without arrays, such as the statistics of a network without BatchNorm, has none.
  weights = {"params": {}, "batch_stats": {}} | generator.weights
  return generator._replace(weights=jax.tree.map(jnp.asarray, weights))


def _flat(weights: PyTree) -> dict[str, Any]:
  flat: dict[str, Any] = flatten_dict(weights, sep="/")
  return flat


def _abstract_weights(networks: Networks) -> PyTree:
  """Shapes and dtypes of the generator's weights; nothing is computed."""
  inputs = shapes(networks, 1).values()
  return jax.eval_shape(
    lambda: networks.generator.init(
      jax.random.key(0), *(jnp.zeros(one.shape, one.dtype) for one in inputs), train=False
    )
  )


def _read(file: pathlib.Path) -> tuple[dict[str, np.ndarray], Mapping[str, str]]:
  """The arrays and the metadata of a safetensors file."""
  safetensors = needed("safetensors")
  try:
    check_file(file)
    with safetensors.safe_open(file, framework="numpy") as opened:
      names = list(opened.keys())
      return {name: opened.get_tensor(name) for name in names}, opened.metadata() or {}
  except OSError as error:
    raise UserError(f"{file}: cannot be read: {error.strerror or error}.") from error
  except (safetensors.SafetensorError, TypeError, ValueError) as error:
    raise UserError(f"{file}: damaged, or no safetensors file: {error}.") from error


def _check(
  file: pathlib.Path, name: str, expected: jax.ShapeDtypeStruct | None, array: np.ndarray | None
) -> None:
  if expected is None or array is None:
    there = "is not one of this model's" if expected is None else "is missing"
    raise UserError(f"{file}: the array {name} {there}: damaged, or of another version.")
  if (array.shape, array.dtype) != (expected.shape, expected.dtype):
    raise UserError(
      f"{file}: the array {name} is {array.dtype} {array.shape}, and should be "
      f"{expected.dtype} {expected.shape}: damaged, or of another version."
    )
  if not np.isfinite(array).all():
    raise UserError(f"{file}: the array {name} is not finite: damaged.")
