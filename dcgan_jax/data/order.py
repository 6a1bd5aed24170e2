"""The order of the data: a pure function of (seed, step), and so of nothing that can be lost."""

import functools

import numpy as np


@functools.lru_cache(maxsize=4)
def epoch_order(seed: int, epoch: int, num_examples: int) -> np.ndarray:
  """The permutation of one epoch, int64 [num_examples], read-only."""
  generator = np.random.Generator(np.random.Philox(key=np.array([seed, epoch], np.uint64)))
  order = generator.permutation(num_examples)
  order.flags.writeable = False
  return order


def batch_indices(
  seed: int, first_step: int, num_steps: int, batch_size: int, num_examples: int
) -> np.ndarray:
  """Which examples the updates first_step, first_step + 1, … see.

  Batches are cut from the epochs laid end to end, so that each epoch shows each example exactly
  once, whatever the batch size; a batch may end one epoch and begin the next.

  Args:
    seed: config.seed.
    first_step: completed updates before the first of these.
    num_steps: updates wanted.
    batch_size: global batch size.
    num_examples: size of the data set.

  Returns:
    int64 [num_steps, batch_size], each in [0, num_examples).
  """
  start = first_step * batch_size
  stop = start + num_steps * batch_size
  epochs = range(start // num_examples, (stop - 1) // num_examples + 1)
  order = np.concatenate([epoch_order(seed, epoch, num_examples) for epoch in epochs])
  skip = epochs[0] * num_examples
  return order[start - skip : stop - skip].reshape(num_steps, batch_size)
