"""Latents, for training and for samples."""

import jax
import jax.numpy as jnp

from dcgan_jax.models.networks import Networks
from dcgan_jax.randomness import Stream, stream_key


def training_latents(seed: int, step: jax.Array, batch_size: int, networks: Networks) -> jax.Array:
  """The latents of one update's whole batch, float32 [batch_size, latent_size]."""
  key = stream_key(seed, Stream.TRAINING_LATENTS, step)
  return draw_latents(key, (batch_size, networks.latent_size), networks.latent_distribution)


def sample_latents(seed: int, first: int, count: int, networks: Networks) -> jax.Array:
  """The latents of samples first … first + count - 1.

  Sample i is a function of (seed, i) alone: asking for more samples does not change the others.

  Returns:
    float32 [count, latent_size].
  """

  def one(index: jax.Array) -> jax.Array:
    key = stream_key(seed, Stream.SAMPLES, index)
    return draw_latents(key, (networks.latent_size,), networks.latent_distribution)

  return jax.vmap(one)(jnp.arange(first, first + count))


def draw_latents(key: jax.Array, shape: tuple[int, ...], distribution: str) -> jax.Array:
  """float32 of a shape, "normal" or "uniform" on [-1, 1]."""
  if distribution == "uniform":
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0)
  return jax.random.normal(key, shape)
