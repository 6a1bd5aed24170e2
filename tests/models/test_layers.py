import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from dcgan_jax.models.layers import (
  Conv,
  ConvTranspose,
  Dropout,
  leaky_relu,
  pixel_norm,
)


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


def dropped(rate, shape, key=0):
  ones = np.ones(shape, np.float32)
  return Dropout(rate).apply({}, ones, True, rngs={"dropout": jax.random.key(key)})


@pytest.mark.parametrize("rate", [0.4, 0.5])
def test_dropout_drops_its_rate_and_scales_the_rest(rate):
  y = np.asarray(dropped(rate, (100, 10, 10)))
  np.testing.assert_allclose(np.unique(y), [0, 1 / (1 - rate)], rtol=1e-6)
  # 10,000 draws: the share's standard error is at most 0.005.
  assert (y > 0).mean() == pytest.approx(1 - rate, abs=5 * 0.005)


def test_dropout_is_the_identity_outside_of_training():
  x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
  assert Dropout(0.5).apply({}, x, False) is x


def test_dropouts_mask_differs_between_images_and_keys():
  y = np.asarray(dropped(0.5, (2, 100)))
  assert not np.array_equal(y[0], y[1])
  assert not np.array_equal(y, dropped(0.5, (2, 100), key=1))


def test_dropouts_masks_on_four_devices_are_those_of_one(tmp_path):
  script = f"""
import jax, numpy as np
from dcgan_jax.models.layers import Dropout
apply = lambda x, key: Dropout(0.5, "batch").apply({{}}, x, True, rngs={{"dropout": key}})
shares = jax.pmap(apply, axis_name="batch", in_axes=(0, None))(
  np.ones((4, 2, 50), np.float32), jax.random.key(0)
)
np.savez({str(tmp_path / "out.npz")!r}, devices=len(shares.sharding.device_set), shares=shares)
"""
  flags = "--xla_force_host_platform_device_count=4"
  subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "XLA_FLAGS": flags})
  with np.load(tmp_path / "out.npz") as out:
    assert out["devices"] == 4
    np.testing.assert_array_equal(out["shares"].reshape(8, 50), dropped(0.5, (8, 50)))
