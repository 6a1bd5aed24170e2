import numpy as np

from dcgan_jax.data.order import batch_indices
from dcgan_jax.data.pipeline import training_stream
from dcgan_jax.data.schedule import schedule


def test_the_stream_gathers_the_examples_of_each_step():
  # Image i is filled with i, so that a batch shows which examples it took.
  images = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
  dispatches = schedule(3, 11, longest=4, intervals=[5])
  labels = 100 + np.arange(20, dtype=np.int32)
  stream = training_stream(images, labels, dispatches, seed=7, batch_size=6, longest=4)
  stacks = list(stream)
  assert len(stacks) == len(dispatches)
  for dispatch, stack in zip(dispatches, stacks, strict=True):
    assert stack.images.shape == (4, 6, 2, 2, 1)
    assert (stack.images.dtype, stack.labels.dtype) == (np.uint8, np.int32)
    expected = batch_indices(7, dispatch.start, 4, batch_size=6, num_examples=20)
    np.testing.assert_array_equal(stack.images[..., 0, 0, 0], expected)
    np.testing.assert_array_equal(stack.labels, 100 + expected)
