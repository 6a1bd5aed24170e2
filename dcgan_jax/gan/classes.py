"""Which classes are asked of the generator, as rows of weights over the classes.

A row is one-hot, or a mixture that sums to 1: the networks' embeddings are linear in it.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.randomness import Stream, stream_key

# (first, count) to float32 [count, num_classes]: the classes of samples first … first + count - 1.
Choice = Callable[[int, int], jax.Array]


def one_hot(labels: jax.Array, num_classes: int) -> jax.Array:
  """int [batch] to float32 [batch, num_classes]; the row of the label -1 is zero."""
  return jax.nn.one_hot(labels, num_classes)


def uniform_labels(seed: int, step: jax.Array, batch_size: int, num_classes: int) -> jax.Array:
  """The labels asked for in one update's whole batch, int32 [batch_size], all equally likely."""
  key = stream_key(seed, Stream.FAKE_CLASSES, step)
  return jax.random.randint(key, (batch_size,), 0, num_classes)


def as_in_training(seed: int, counts: Sequence[int]) -> Choice:
  """Classes as frequent as they are in the training set; sample i's depends on (seed, i) alone.

  Args:
    seed: of the samples.
    counts: images of each class; empty for an unconditional generator.
  """
  if not counts:
    return lambda first, count: jnp.zeros((count, 0))
  log_frequencies = jnp.log(jnp.asarray(counts, jnp.float32))

  def one(index: jax.Array) -> jax.Array:
    return jax.random.categorical(stream_key(seed, Stream.SAMPLE_CLASSES, index), log_frequencies)

  def choose(first: int, count: int) -> jax.Array:
    return one_hot(jax.vmap(one)(jnp.arange(first, first + count)), len(counts))

  return choose


def always(weights: Sequence[float] | np.ndarray) -> Choice:
  """The same row for every sample: a one-hot one for a class, else a mixture of classes."""
  row = jnp.asarray(weights, jnp.float32)
  return lambda first, count: jnp.broadcast_to(row, (count, len(row)))
