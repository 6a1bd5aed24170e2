import numpy as np

from dcgan_jax.pixels import to_images, to_pixels


def test_the_ends_of_the_gray_scale_meet_the_ends_of_tanh():
  np.testing.assert_array_equal(to_pixels(np.array([0, 255], np.uint8)), [-1.0, 1.0])


def test_every_level_survives_the_way_there_and_back():
  levels = np.arange(256, dtype=np.uint8)
  np.testing.assert_array_equal(to_images(to_pixels(levels)), levels)


def test_pixels_outside_the_range_are_clipped_not_wrapped():
  np.testing.assert_array_equal(to_images(np.array([-3.0, 3.0])), [0, 255])
