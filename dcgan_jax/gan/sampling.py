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
Sampler = Callable[[PyTree, jax.Array], jax.Array]


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
  """Compiles `(weights, latents) -> images`.

  `weights` is {"params", "batch_stats"} (`state.weights` or `GANState.ema`), `latents` float32
  [n, latent_size], and the result uint8 [n, height, width, channels]. BatchNorm, where there is
  any, uses its running statistics.
  """

  @jax.jit
  def sample(weights: PyTree, latents: jax.Array) -> jax.Array:
    pixels: Any = networks.generator.apply(weights, latents, train=False)
    return to_images(pixels)

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
  """
  for first in range(0, count, batch_size):
    images = sampler(weights, sample_latents(seed, first, batch_size, latent_size))
    yield np.asarray(images)[: count - first]
