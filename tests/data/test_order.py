import numpy as np
import pytest

from dcgan_jax.data.order import batch_indices, epoch_order


def test_each_epoch_shows_each_example_exactly_once_though_batches_do_not_divide_it():
  # 7 batches of 5 are 35 = 5 epochs of 7 examples.
  order = batch_indices(seed=3, first_step=0, num_steps=7, batch_size=5, num_examples=7).ravel()
  for epoch in order.reshape(5, 7):
    assert sorted(epoch) == list(range(7))


def test_the_batches_of_a_step_do_not_depend_on_where_the_reading_began():
  whole = batch_indices(seed=3, first_step=0, num_steps=20, batch_size=5, num_examples=7)
  for start in range(20):
    rest = batch_indices(3, start, 20 - start, batch_size=5, num_examples=7)
    np.testing.assert_array_equal(rest, whole[start:])


def test_a_batch_may_span_several_epochs_of_a_tiny_set():
  (batch,) = batch_indices(seed=0, first_step=0, num_steps=1, batch_size=7, num_examples=3)
  expected = np.concatenate([epoch_order(0, epoch, 3) for epoch in range(3)])[:7]
  np.testing.assert_array_equal(batch, expected)


@pytest.mark.parametrize("other", [(1, 0), (0, 1)])
def test_another_seed_or_epoch_is_another_order(other):
  assert not np.array_equal(epoch_order(0, 0, 1000), epoch_order(*other, 1000))


def test_consecutive_epochs_are_uncorrelated():
  a, b = epoch_order(5, 0, 30_000), epoch_order(5, 1, 30_000)
  # Independent permutations correlate as N(0, 1/n): 5 standard deviations are 5/173 = 0.029.
  assert abs(np.corrcoef(a, b)[0, 1]) < 0.029


def test_a_cached_order_cannot_be_changed_by_a_caller():
  with pytest.raises(ValueError, match="read-only"):
    epoch_order(0, 0, 10)[0] = 3
