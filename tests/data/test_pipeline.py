import numpy as np

from dcgan_jax.data.order import batch_indices
from dcgan_jax.data.pipeline import Dispatch, schedule, training_stream


def test_dispatches_end_at_every_interval_and_at_multiples_of_the_longest():
  # Multiples of 4 (longest), of 6 (an interval), and the end at 13.
  assert schedule(0, 13, longest=4, intervals=[6]) == [
    Dispatch(0, 4), Dispatch(4, 2), Dispatch(6, 2), Dispatch(8, 4), Dispatch(12, 1),
  ]  # fmt: skip


def test_a_resumed_run_is_cut_at_the_same_steps():
  whole = schedule(0, 50, longest=8, intervals=[5, 20])
  resumed = schedule(20, 50, longest=8, intervals=[5, 20])
  assert resumed == [dispatch for dispatch in whole if dispatch.start >= 20]


def test_nothing_is_left_to_dispatch_at_the_end():
  assert schedule(13, 13, longest=4, intervals=[6]) == []


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
