"""The state of a GAN in training: a handful of plain pytrees, one copy whatever the topology."""

from typing import Any, NamedTuple

import flax.linen as nn
import flax.struct
import jax
import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

from dcgan_jax.models.networks import Networks
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
  # {"params", "batch_stats"} of the generator, averaged; where images are made of it, statistics
  # are measured (gan/statistics.py).
  ema: PyTree


class Optimizers(NamedTuple):
  """The players' optimisers."""

  generator: optax.GradientTransformation
  discriminator: optax.GradientTransformation


def make_optimizers(optimizer: ConfigDict) -> Optimizers:
  """Adam (Kingma and Ba 2015) as `config.optimizer` sets it.

  The two may learn at different rates (Heusel et al. 2017), and both rates may fall linearly to 0
  (Miyato et al. 2018).
  """

  def adam(learning_rate: float) -> optax.GradientTransformation:
    rate: optax.ScalarOrSchedule = learning_rate
    if optimizer.decay_steps is not None:
      rate = optax.linear_schedule(learning_rate, 0.0, optimizer.decay_steps)
    return optax.adam(rate, b1=optimizer.b1, b2=optimizer.b2)

  rate = optimizer.learning_rate
  return Optimizers(adam(rate), adam(optimizer.discriminator_learning_rate or rate))


def create_state(networks: Networks, optimizers: Optimizers, seed: int) -> GANState:
  """The state at step 0, a pure function of the architecture and the seed."""

  def player(
    module: nn.Module, optimizer: optax.GradientTransformation, key: jax.Array, *inputs: jax.Array
  ) -> NetworkState:
    variables = module.init(key, *inputs, train=False)
    params = variables["params"]
    return NetworkState(params, variables.get("batch_stats", {}), optimizer.init(params))

  # Compiled as one program, the networks' forward passes are dead code and cost nothing. The key
  # is an argument because the compiler would spend minutes folding random numbers it knows.
  @jax.jit
  def create(key: jax.Array) -> GANState:
    generator_key, discriminator_key = jax.random.split(key)
    latents, pixels = jnp.zeros((1, networks.latent_size)), jnp.zeros((1, *networks.image_shape))
    classes = jnp.zeros((1, networks.num_classes))
    generator = player(networks.generator, optimizers.generator, generator_key, latents, classes)
    discriminator = player(
      networks.discriminator, optimizers.discriminator, discriminator_key, pixels, classes
    )
    return GANState(jnp.zeros((), jnp.int32), generator, discriminator, weights(generator))

  return create(stream_key(seed, Stream.INITIALISATION))


def abstract_state(networks: Networks, optimizer: ConfigDict, seed: int) -> GANState:
  """Shapes and dtypes of such a state; nothing is computed. The optimiser as `make_optimizers`."""
  return jax.eval_shape(lambda: create_state(networks, make_optimizers(optimizer), seed))


def weights(network: NetworkState) -> PyTree:
  """What inference needs of a player: {"params", "batch_stats"}."""
  return {"params": network.params, "batch_stats": network.batch_stats}


def moving_average(ema: PyTree, new: PyTree, decay: float, step: jax.Array) -> PyTree:
  """Exponential moving average of weights, of the statistics too, though images take measured ones.

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
