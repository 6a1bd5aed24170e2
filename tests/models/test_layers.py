import jax
import numpy as np
import pytest

from dcgan_jax.models.layers import Conv, ConvTranspose, leaky_relu, pixel_norm


def test_pixel_norm_gives_each_pixel_unit_mean_square():
  # (3, 4) has mean square 12.5; divided by its root it is (0.8485, 1.1314).
  x = np.array([[[3.0, 4.0], [-0.03, 0.04]]], np.float32)
  y = np.asarray(pixel_norm(x))
  np.testing.assert_allclose(y[0, 0], [3 / 12.5**0.5, 4 / 12.5**0.5], rtol=1e-6)
  np.testing.assert_allclose((y**2).mean(-1), 1.0, rtol=1e-4)


def test_pixel_norm_of_a_black_pixel_is_finite():
  np.testing.assert_array_equal(pixel_norm(np.zeros((1, 1, 4), np.float32)), 0.0)


def test_leaky_relu_keeps_a_fifth_of_what_is_negative():
  np.testing.assert_allclose(leaky_relu(np.array([-1.0, 2.0], np.float32)), [-0.2, 2.0], rtol=1e-6)


@pytest.mark.parametrize(("layer", "size"), [(Conv, 4), (ConvTranspose, 16)])
def test_kernels_are_hwio_normal_with_deviation_two_hundredths_and_biases_zero(layer, size):
  x = np.zeros((1, 8, 8, 32), np.float32)
  y, variables = layer(64).init_with_output(jax.random.key(0), x)
  kernel = np.asarray(variables["params"]["kernel"])
  assert y.shape == (1, size, size, 64)
  assert kernel.shape == (4, 4, 32, 64)
  # 32,768 draws: the deviation's standard error is 0.02 / sqrt(2 * 32768) = 8e-5.
  assert kernel.std() == pytest.approx(0.02, abs=5 * 8e-5)
  np.testing.assert_array_equal(variables["params"]["bias"], 0.0)
