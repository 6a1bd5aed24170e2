"""What is exported of a generator: one function of latents, and of classes where it knows any."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.drawing import usual_inputs
from dcgan_jax.errors import UserError
from dcgan_jax.models.networks import Networks
from dcgan_jax.trained import TrainedGenerator

# Pixels by which an exported generator may differ from the one it is made from. In float32 another
# order of summation makes some 1e-6, and half a level of 8 bits is 4e-3.
_TOLERANCE = 1e-4
_COUNTS = (1, 8)  # batches that it is compared with

Arrays = tuple[np.ndarray, ...]
Run = Callable[..., Any]  # of latents, and of classes where there are any


def forward(generator: TrainedGenerator) -> Callable[..., jax.Array]:
  """The function `(latents, classes) -> pixels`, or `latents -> pixels` without classes.

  Latents are float32 [batch, latent_size], classes float32 [batch, num_classes] in rows that sum
  to 1, pixels float32 [batch, height, width, channels] in [-1, 1]. BatchNorm, where there is any,
  uses its running statistics.
  """

  def draw(latents: jax.Array, *classes: jax.Array) -> jax.Array:
    pixels: Any = generator.networks.generator.apply(
      generator.weights, latents, *classes, train=False
    )
    return pixels

  return draw


def shapes(networks: Networks, batch: Any) -> dict[str, jax.ShapeDtypeStruct]:
  """What the function takes: its arguments' shapes and dtypes by name, in their order.

  Args:
    networks: the generator's.
    batch: an int, or one of jax.export's dimensions.
  """
  sizes = {"latents": networks.latent_size}
  if networks.num_classes:
    sizes["classes"] = networks.num_classes
  return {name: jax.ShapeDtypeStruct((batch, size), jnp.float32) for name, size in sizes.items()}


def usual_arguments(generator: TrainedGenerator, count: int) -> Arrays:
  """The arguments of samples 0 … count - 1 of seed 0."""
  latents, classes = usual_inputs(generator, seed=0)(0, count)
  return (np.asarray(latents), np.asarray(classes))[: len(shapes(generator.networks, count))]


def check_agreement(generator: TrainedGenerator, run: Run, what: str) -> float:
  """Compares an exported generator with the one that it is made from.

  Args:
    generator: the original.
    run: the exported one, as a function that makes arrays of arrays.
    what: its format, for the message.

  Returns:
    The largest difference of a pixel, of 2 being the most.

  Raises:
    UserError: it is too large, or not a number.
  """
  draw, largest = jax.jit(forward(generator)), 0.0
  for count in _COUNTS:
    arguments = usual_arguments(generator, count)
    difference = np.abs(np.asarray(run(*arguments)) - np.asarray(draw(*arguments)))
    largest = float(np.maximum(largest, difference.max()))  # of NaN and a number NaN
  if not largest <= _TOLERANCE:
    raise UserError(
      f"{what}: its pixels differ by {largest:.2g} from those of the generator, more than "
      f"{_TOLERANCE:g}: not written.\nPlease report it, with the config and the versions."
    )
  return largest
