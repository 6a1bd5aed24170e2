"""One update of a classifier: draw the images, augment them, descend."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.classification.augment import augment
from dcgan_jax.classification.recipe import LABEL_SMOOTHING
from dcgan_jax.classification.state import ClassifierState
from dcgan_jax.models.expression_classifier import ExpressionClassifier
from dcgan_jax.models.precision import computing_in
from dcgan_jax.pixels import to_pixels
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any
Metrics = dict[str, jax.Array]


Update = Callable[[ClassifierState, Batch, jax.Array, jax.Array], tuple[ClassifierState, Metrics]]


def make_update(
  network: ExpressionClassifier,
  optimizer: optax.GradientTransformation,
  *,
  seed: int,
  axis_name: str | None,
) -> Update:
  """Builds `(state, source, indices, count) -> (state, metrics)`, many steps in one dispatch.

  The source is the whole data set, which stays on the devices; `indices` is int32 [K, share of the
  batch] into it: with `axis_name`, one device's equal
  share of the global batch. The first `count` (int32 scalar, 1 to K) of the K batches are used, so
  that a shorter dispatch recompiles nothing. Metrics are means over the steps and the devices.
  """

  def step(
    state: ClassifierState, source: Batch, indices: jax.Array
  ) -> tuple[ClassifierState, Metrics]:
    keys = augmentation_keys(seed, state.step, len(indices) * parallel.axis_size(axis_name))
    keys = parallel.own_share(keys, axis_name)
    pixels = jax.vmap(augment)(to_pixels(source.images[indices]), keys)
    targets = source.labels[indices]

    def objective(params: PyTree) -> tuple[jax.Array, tuple[jax.Array, PyTree]]:
      variables = {"params": params, "batch_stats": state.batch_stats}
      logits, new = network.apply(variables, pixels, mutable=["batch_stats"])
      return smoothed_cross_entropy(logits, targets), (logits, new["batch_stats"])

    (loss, (logits, stats)), gradients = jax.value_and_grad(objective, has_aux=True)(state.params)
    gradients = parallel.mean(gradients, axis_name)
    updates, opt_state = optimizer.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    right = jnp.mean(jnp.argmax(logits, axis=-1) == targets, dtype=jnp.float32)
    state = ClassifierState(state.step + 1, params, stats, opt_state)
    return state, {"loss": loss, "accuracy": right}

  def update(
    state: ClassifierState, source: Batch, indices: jax.Array, count: jax.Array
  ) -> tuple[ClassifierState, Metrics]:
    def body(
      i: jax.Array, running: tuple[ClassifierState, Metrics]
    ) -> tuple[ClassifierState, Metrics]:
      state, total = running
      state, metrics = step(state, source, indices[i])
      return state, jax.tree.map(jnp.add, total, metrics)

    zeros = {"loss": jnp.zeros(()), "accuracy": jnp.zeros(())}
    with computing_in("float32"):  # a measuring instrument, whatever JAX's setting
      state, total = jax.lax.fori_loop(0, count, body, (state, zeros))
    means = jax.tree.map(lambda t: t / count.astype(jnp.float32), total)
    return state, parallel.mean(means, axis_name)

  return update


def augmentation_keys(seed: int, step: jax.Array, batch_size: int) -> jax.Array:
  """One key for each image of a global batch, a function of (seed, step) and its place in it."""
  key = stream_key(seed, Stream.AUGMENTATION, step)
  return jax.random.split(key, batch_size)


def smoothed_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
  """The mean cross-entropy with a part of each target spread over all classes.

  Args:
    logits: float32 [batch, classes].
    labels: int32 [batch].
  """
  targets = optax.smooth_labels(jax.nn.one_hot(labels, logits.shape[-1]), LABEL_SMOOTHING)
  return optax.losses.softmax_cross_entropy(logits, targets).mean()
