"""The training stream: tf.data over dispatches, each a stack of global batches."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from dcgan_jax.batch import Batch
from dcgan_jax.data import pixel_file
from dcgan_jax.data.order import batch_indices
from dcgan_jax.data.quiet_tensorflow import tf
from dcgan_jax.data.schedule import Dispatch


def training_stream(
  images: np.ndarray,
  labels: np.ndarray,
  dispatches: Sequence[Dispatch],
  *,
  seed: int,
  batch_size: int,
  longest: int,
  rows: slice = slice(None),
) -> Iterator[Batch]:
  """Streams one stack of batches for each dispatch, prepared ahead by tf.data.

  Args:
    images: uint8 [n, height, width, channels], the whole split, in memory or mapped from disk.
    labels: int32 [n].
    dispatches: from `schedule`.
    seed: config.seed.
    batch_size: global batch size.
    longest: batches in a stack; a shorter dispatch gets the batches that follow it as well, so
      that every stack has one shape.
    rows: of the global batch, those that are read.

  Yields:
    images uint8 [longest, rows, height, width, channels], labels int32 [longest, rows].
  """

  def gather(start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    indices = batch_indices(seed, int(start), longest, batch_size, len(images))[:, rows]
    stack = images[indices], labels[indices]
    pixel_file.release(images)
    return stack

  def stack(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    batches = tf.numpy_function(gather, [start], (tf.uint8, tf.int32), stateful=False)
    shape = (longest, len(range(*rows.indices(batch_size))))
    return (
      tf.ensure_shape(batches[0], (*shape, *images.shape[1:])),
      tf.ensure_shape(batches[1], shape),
    )

  starts = np.array([dispatch.start for dispatch in dispatches], np.int64)
  options = tf.data.Options()
  # One thread keeps far ahead of any device here, and the cores belong to the training step.
  options.threading.private_threadpool_size = 1
  dataset = tf.data.Dataset.from_tensor_slices(starts).map(stack).with_options(options).prefetch(2)
  yield from itertools.starmap(Batch, dataset.as_numpy_iterator())
