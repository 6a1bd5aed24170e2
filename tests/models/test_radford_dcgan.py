import jax
import numpy as np
import pytest
from jax import lax

from dcgan_jax.models.radford_dcgan import Discriminator, FromPoint, Generator, ToPoint


def batch_norm(features):
  return {"scale": (features,), "bias": (features,)}


# (image size, channels, side of the map between the convolutions): FER-2013's and the published.
SIZES = pytest.mark.parametrize(("size", "channels", "side"), [(48, 1, 3), (64, 3, 4)])


@SIZES
def test_generator_has_the_published_layers_and_no_bias_but_batchnorms(
  described, size, channels, side
):
  assert described(Generator(size, channels), (100,))["params"] == {
    "up1": {"kernel": (side, side, 100, 512)},
    "norm1": batch_norm(512),
    "up2": {"kernel": (4, 4, 512, 256)},
    "norm2": batch_norm(256),
    "up3": {"kernel": (4, 4, 256, 128)},
    "norm3": batch_norm(128),
    "up4": {"kernel": (4, 4, 128, 64)},
    "norm4": batch_norm(64),
    "to_pixels": {"kernel": (4, 4, 64, channels)},
  }


@SIZES
def test_discriminator_has_the_published_layers_and_batchnorm_from_the_second_on(
  described, size, channels, side
):
  assert described(Discriminator(), (size, size, channels))["params"] == {
    "down1": {"kernel": (4, 4, channels, 64)},
    "down2": {"kernel": (4, 4, 64, 128)},
    "norm2": batch_norm(128),
    "down3": {"kernel": (4, 4, 128, 256)},
    "norm3": batch_norm(256),
    "down4": {"kernel": (4, 4, 256, 512)},
    "norm4": batch_norm(512),
    "logit": {"kernel": (side, side, 512, 1)},
  }


def test_generator_has_as_many_parameters_as_the_listing(described):
  # 16 taps a kernel; BatchNorm has two numbers a feature, 960 features in all.
  inner = 16 * (512 * 256 + 256 * 128 + 128 * 64) + 2 * 960
  assert described(Generator(64, 3), (100,))["count"] == 16 * 100 * 512 + inner + 16 * 64 * 3
  assert described(Generator(48, 1), (100,))["count"] == 9 * 100 * 512 + inner + 16 * 64


def test_discriminator_has_as_many_parameters_as_the_listing(described):
  inner = 16 * (64 * 128 + 128 * 256 + 256 * 512) + 2 * (128 + 256 + 512)
  assert described(Discriminator(), (64, 64, 3))["count"] == 16 * 3 * 64 + inner + 16 * 512
  assert described(Discriminator(), (48, 48, 1))["count"] == 16 * 64 + inner + 9 * 512


def test_statistics_are_those_of_every_batchnorm(described):
  assert set(described(Generator(), (100,))["batch_stats"]) == {f"norm{i}" for i in (1, 2, 3, 4)}
  statistics = described(Discriminator(), (48, 48, 1))["batch_stats"]
  assert set(statistics) == {"norm2", "norm3", "norm4"}


def test_the_first_layer_is_the_transposed_convolution_of_a_point():
  x = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)
  y, variables = FromPoint(6, taps=3).init_with_output(jax.random.key(0), x)
  expected = lax.conv_transpose(
    x[:, None, None], variables["params"]["kernel"], (1, 1), "VALID",
    dimension_numbers=("NHWC", "HWIO", "NHWC"), transpose_kernel=False,
  )[:, ::-1, ::-1]  # fmt: skip
  assert y.shape == (2, 3, 3, 6)
  # lax's tap (0, 0) lands on the last pixel: without its flip the map comes out turned.
  np.testing.assert_allclose(y, expected, atol=1e-6)


def test_the_last_layer_is_the_convolution_that_covers_the_map():
  x = np.random.default_rng(0).normal(size=(2, 3, 3, 5)).astype(np.float32)
  y, variables = ToPoint().init_with_output(jax.random.key(0), x)
  kernel = variables["params"]["kernel"]
  layout = ("NHWC", "HWIO", "NHWC")
  expected = lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=layout)
  assert expected.shape == (2, 1, 1, 1)
  np.testing.assert_allclose(y, expected[:, 0, 0, 0], atol=1e-6)
