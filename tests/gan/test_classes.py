import jax.numpy as jnp
import numpy as np

from dcgan_jax.gan.classes import always, as_in_training, one_hot, uniform_labels


def test_labels_become_rows_and_an_unlabelled_image_s_row_is_empty():
  np.testing.assert_array_equal(
    one_hot(jnp.array([2, -1, 0]), 3), [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
  )


def test_uniform_labels_are_all_equally_likely_and_a_function_of_seed_and_step():
  labels = np.asarray(uniform_labels(0, jnp.array(5), 7000, 7))
  # Counts of 1000 with a standard deviation of sqrt(7000 · 1/7 · 6/7) = 29.
  assert np.abs(np.bincount(labels, minlength=7) - 1000).max() < 5 * 29
  np.testing.assert_array_equal(labels, uniform_labels(0, jnp.array(5), 7000, 7))
  assert not np.array_equal(labels, uniform_labels(0, jnp.array(6), 7000, 7))
  assert not np.array_equal(labels, uniform_labels(1, jnp.array(5), 7000, 7))


def test_classes_of_samples_are_as_frequent_as_in_training():
  rows = np.asarray(as_in_training(0, [300, 0, 100])(0, 4000))
  assert (rows.sum(axis=1) == 1).all()
  # 3000 and 1000 expected, with a standard deviation of sqrt(4000 · 3/4 · 1/4) = 27.
  counts = rows.sum(axis=0)
  assert counts[1] == 0
  assert abs(counts[0] - 3000) < 5 * 27


def test_a_sample_s_class_depends_on_its_seed_and_index_alone():
  whole = as_in_training(3, [1, 1, 1])(0, 40)
  np.testing.assert_array_equal(as_in_training(3, [1, 1, 1])(30, 10), whole[30:])
  assert not np.array_equal(as_in_training(4, [1, 1, 1])(0, 40), whole)


def test_without_classes_the_rows_are_empty():
  assert as_in_training(0, ())(5, 3).shape == (3, 0)


def test_always_repeats_a_row():
  np.testing.assert_array_equal(always([0.25, 0.75])(7, 2), [[0.25, 0.75], [0.25, 0.75]])
