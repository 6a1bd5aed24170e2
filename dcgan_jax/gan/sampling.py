"""From a generator's weights to images."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.models.build import Networks
from dcgan_jax.pixels import to_images
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any
Sampler = Callable[[PyTree, jax.Array], tuple[jax.Array, jax.Array]]


class NotFiniteError(ArithmeticError):
  """A generator's output is no image; the message names the first sample."""


def sample_latents(seed: int, first: int, count: int, latent_size: int) -> jax.Array:
  """The latents of samples first … first + count - 1.

  Sample i is a function of (seed, i) alone: asking for more samples does not change the others.

  Returns:
    float32 [count, latent_size], N(0, 1).
  """

  def one(index: jax.Array) -> jax.Array:
    return jax.random.normal(stream_key(seed, Stream.SAMPLES, index), (latent_size,))

  return jax.vmap(one)(jnp.arange(first, first + count))


def make_sampler(networks: Networks) -> Sampler:
  """Compiles `(weights, latents) -> (images, finite)`.

  `weights` is {"params", "batch_stats"} (`state.weights` or `GANState.ema`), `latents` float32
  [n, latent_size], `images` uint8 [n, height, width, channels] and `finite` bool [n]: whether all
  pixels were finite before they became bytes, among which NaN is black like any other. BatchNorm,
  where there is any, uses its running statistics.
  """

  @jax.jit
  def sample(weights: PyTree, latents: jax.Array) -> tuple[jax.Array, jax.Array]:
    pixels: Any = networks.generator.apply(weights, latents, train=False)
    return to_images(pixels), jnp.isfinite(pixels).all(axis=(1, 2, 3))

  return sample


def image_batches(
  sampler: Sampler,
  weights: PyTree,
  *,
  seed: int,
  count: int,
  latent_size: int,
  batch_size: int = 64,
) -> Iterator[np.ndarray]:
  """Draws any number of images with bounded memory.

  The last batch is drawn whole and cut, so that every image comes from one compiled shape.

  Yields:
    uint8 [up to batch_size, height, width, channels], `count` images in all.

  Raises:
    NotFiniteError: one of them has a NaN or infinite pixel.
  """
  for first in range(0, count, batch_size):
    images, finite = sampler(weights, sample_latents(seed, first, batch_size, latent_size))
    broken = np.flatnonzero(~np.asarray(finite)[: count - first])
    if broken.size:
      raise NotFiniteError(f"sample {first + broken[0]} has pixels that are not finite")
    yield np.asarray(images)[: count - first]
