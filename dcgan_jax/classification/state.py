"""The state of a classifier in training: what a checkpoint holds."""

from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import optax

from dcgan_jax.models.expression_classifier import ExpressionClassifier
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any


@flax.struct.dataclass
class ClassifierState:
  """Everything a resumed training needs; all randomness derives from (seed, step)."""

  step: jax.Array  # int32 scalar: completed updates
  params: PyTree
  batch_stats: PyTree
  opt_state: PyTree


def create_state(
  network: ExpressionClassifier,
  optimizer: optax.GradientTransformation,
  image_shape: tuple[int, ...],
  seed: int,
) -> ClassifierState:
  """The state at step 0, a pure function of the network and the seed.

  Args:
    network: to initialise.
    optimizer: from `recipe.make_optimizer`.
    image_shape: height, width, channels.
    seed: of the run.
  """

  # Compiled as one program, the forward pass is dead code and costs nothing.
  @jax.jit
  def create(key: jax.Array) -> ClassifierState:
    variables = network.init(key, jnp.zeros((1, *image_shape)), train=False)
    params = variables["params"]
    step = jnp.zeros((), jnp.int32)
    return ClassifierState(step, params, variables["batch_stats"], optimizer.init(params))

  return create(stream_key(seed, Stream.INITIALISATION))


def weights(state: ClassifierState) -> PyTree:
  """What inference needs of a state: {"params", "batch_stats"}."""
  return {"params": state.params, "batch_stats": state.batch_stats}
