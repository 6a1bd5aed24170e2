"""BatchNorm statistics that fit given weights, measured with them rather than averaged in training.

An average of weights is a network that never ran: the activations of its layers have other means
and variances than those of any network on the way, whose averaged statistics make its images pale.
So they are measured anew, as Izmailov et al. 2018 (section 3.2) do for averaged weights.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from dcgan_jax.gan.classes import as_in_training
from dcgan_jax.gan.latents import draw_latents
from dcgan_jax.models.layers import MOMENTUM
from dcgan_jax.models.networks import Networks
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any

_BATCHES, _BATCH = 16, 64


def make_measure(
  networks: Networks, seed: int, counts: Sequence[int]
) -> Callable[[PyTree], PyTree]:
  """Compiles `weights -> weights`, with the generator's batch_stats measured.

  They are means over 16 batches of 64 samples, which are a function of the seed, and what running
  averages would come to. Weights without batch_stats come back as they are.

  Args:
    networks: outside of a mapped axis.
    seed: config.seed.
    counts: images of each class in the training set; empty for an unconditional generator.
  """

  @jax.jit
  def measure(weights: PyTree) -> PyTree:
    none = jax.tree.map(jnp.zeros_like, weights["batch_stats"])

    def of_batch(inputs: tuple[jax.Array, jax.Array]) -> PyTree:
      start = {"params": weights["params"], "batch_stats": none}
      _, new = networks.generator.apply(start, *inputs, mutable=["batch_stats"])
      return new["batch_stats"]

    key, count = stream_key(seed, Stream.STATISTICS), _BATCHES * _BATCH
    latents = draw_latents(key, (count, networks.latent_size), networks.latent_distribution)
    classes = as_in_training(seed, counts)(0, count)
    moved = jax.lax.map(
      of_batch,
      (
        latents.reshape(_BATCHES, _BATCH, networks.latent_size),
        classes.reshape(_BATCHES, _BATCH, networks.num_classes),
      ),
    )
    # From zero, running averages move by 1 - MOMENTUM of what the batch has.
    stats = jax.tree.map(lambda x: jnp.mean(x, axis=0) / (1.0 - MOMENTUM), moved)
    return {"params": weights["params"], "batch_stats": stats}

  return lambda weights: measure(weights) if weights["batch_stats"] else weights
