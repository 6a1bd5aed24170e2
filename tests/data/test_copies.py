import numpy as np

from dcgan_jax.data.copies import occurs_in, without_copies


def test_only_a_copy_of_every_byte_occurs():
  images = np.array([[[[1], [2]]], [[[1], [3]]], [[[2], [1]]]], np.uint8)
  others = np.array([[[[0], [0]]], [[[1], [2]]], [[[1], [2]]]], np.uint8)
  np.testing.assert_array_equal(occurs_in(images, others), [True, False, False])


def test_copies_that_are_left_out_are_counted_in_words():
  assert without_copies("faces/test", 0) == "faces/test"
  assert without_copies("faces/test", 1) == "faces/test without 1 copy of training images"
  assert without_copies("faces/test", 1280) == "faces/test without 1,280 copies of training images"
