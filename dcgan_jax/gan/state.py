"""The state of a GAN in training: a handful of plain pytrees, one copy whatever the topology."""

from typing import Any

import flax.linen as nn
import flax.struct
import jax
import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

from dcgan_jax.models.build import Networks
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any


@flax.struct.dataclass
class NetworkState:
  """One player: variables and its optimiser's state."""

  params: PyTree
  batch_stats: PyTree  # {} for a network without BatchNorm
  opt_state: PyTree


@flax.struct.dataclass
class GANState:
  """Everything a resumed run needs; all randomness derives from (config.seed, step)."""

  step: jax.Array  # int32 scalar: completed updates
  generator: NetworkState
  discriminator: NetworkState
  ema: PyTree  # {"params", "batch_stats"} of the generator, averaged


def make_optimizer(optimizer: ConfigDict) -> optax.GradientTransformation:
  """Adam (Kingma and Ba 2015) as `config.optimizer` sets it; both players use the same."""
  return optax.adam(optimizer.learning_rate, b1=optimizer.b1, b2=optimizer.b2)


def create_state(
  networks: Networks, optimizer: optax.GradientTransformation, seed: int
) -> GANState:
  """The state at step 0, a pure function of the architecture and the seed."""

  def player(module: nn.Module, key: jax.Array, sample: jax.Array) -> NetworkState:
    variables = module.init(key, sample, train=False)
    params = variables["params"]
    return NetworkState(params, variables.get("batch_stats", {}), optimizer.init(params))

  # Compiled as one program, the networks' forward passes are dead code and cost nothing. The key
  # is an argument because the compiler would spend minutes folding random numbers it knows.
  @jax.jit
  def create(key: jax.Array) -> GANState:
    generator_key, discriminator_key = jax.random.split(key)
    latents, pixels = jnp.zeros((1, networks.latent_size)), jnp.zeros((1, *networks.image_shape))
    generator = player(networks.generator, generator_key, latents)
    discriminator = player(networks.discriminator, discriminator_key, pixels)
    return GANState(jnp.zeros((), jnp.int32), generator, discriminator, weights(generator))

  return create(stream_key(seed, Stream.INITIALISATION))


def weights(network: NetworkState) -> PyTree:
  """What inference needs of a player: {"params", "batch_stats"}."""
  return {"params": network.params, "batch_stats": network.batch_stats}


def moving_average(ema: PyTree, new: PyTree, decay: float, step: jax.Array) -> PyTree:
  """Exponential moving average of weights, statistics included.

  Early on the decay is (1 + step) / (10 + step), so that the average forgets the initialisation
  within the first epoch rather than carrying it for 1 / (1 - decay) steps.

  Args:
    ema: the average so far.
    new: the weights after this update, same structure.
    decay: in [0, 1), per step.
    step: int scalar, completed updates before this one.
  """
  step = step.astype(jnp.float32)
  rate = jnp.minimum(decay, (1.0 + step) / (10.0 + step))
  return jax.tree.map(lambda old, now: rate * old + (1.0 - rate) * now, ema, new)
