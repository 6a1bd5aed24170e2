"""From a generator's weights to images."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.gan.classes import Choice
from dcgan_jax.gan.latents import sample_latents
from dcgan_jax.models.networks import Networks
from dcgan_jax.pixels import to_images

PyTree = Any
Sampler = Callable[[PyTree, jax.Array, jax.Array], tuple[jax.Array, jax.Array]]
# (first, count) to the latents and classes of samples first … first + count - 1.
Inputs = Callable[[int, int], tuple[jax.Array, jax.Array]]


class NotFiniteError(ArithmeticError):
  """A generator's output is no image; the message names the first sample."""


def make_sampler(networks: Networks) -> Sampler:
  """Compiles `(weights, latents, classes) -> (images, finite)`.

  `weights` is {"params", "batch_stats"} (`state.weights` or `GANState.ema`), `latents` float32
  [n, latent_size], `classes` float32 [n, num_classes] as in `gan.classes`, `images` uint8 [n,
  height, width, channels] and `finite` bool [n]: whether all pixels were finite before they became
  bytes, among which NaN is black like any other. BatchNorm, where there is any, uses its running
  statistics.
  """

  @jax.jit
  def sample(
    weights: PyTree, latents: jax.Array, classes: jax.Array
  ) -> tuple[jax.Array, jax.Array]:
    pixels: Any = networks.generator.apply(weights, latents, classes, train=False)
    return to_images(pixels), jnp.isfinite(pixels).all(axis=(1, 2, 3))

  return sample


def drawn(networks: Networks, seed: int, classes: Choice) -> Inputs:
  """The inputs of a seed's samples: as many as anyone asks for, each a function of (seed, i)."""

  def inputs(first: int, count: int) -> tuple[jax.Array, jax.Array]:
    return sample_latents(seed, first, count, networks), classes(first, count)

  return inputs


def listed(latents: jax.Array, classes: jax.Array) -> Inputs:
  """Inputs that are given, float32 [n, latent_size] and [n, num_classes]; the last one repeats."""

  def inputs(first: int, count: int) -> tuple[jax.Array, jax.Array]:
    rows = jnp.minimum(jnp.arange(first, first + count), len(latents) - 1)
    return latents[rows], classes[rows]

  return inputs


def image_batches(
  sampler: Sampler, weights: PyTree, inputs: Inputs, *, count: int, batch_size: int = 64
) -> Iterator[np.ndarray]:
  """Draws any number of images with bounded memory.

  The last batch is drawn whole and cut, so that every image comes from one compiled shape.

  Yields:
    uint8 [up to batch_size, height, width, channels], `count` images in all.

  Raises:
    NotFiniteError: one of them has a NaN or infinite pixel.
  """
  for first in range(0, count, batch_size):
    images, finite = sampler(weights, *inputs(first, batch_size))
    broken = np.flatnonzero(~np.asarray(finite)[: count - first])
    if broken.size:
      raise NotFiniteError(f"sample {first + broken[0]} has pixels that are not finite")
    yield np.asarray(images)[: count - first]
