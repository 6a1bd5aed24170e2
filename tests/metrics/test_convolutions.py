import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from dcgan_jax.metrics.convolutions import conv

NONE = ((0, 0), (0, 0))

# Every kind of Inception's: (window, stride, padding).
KINDS = [
  ((1, 1), 1, NONE),
  ((3, 3), 1, NONE),
  ((3, 3), 1, ((1, 1), (1, 1))),
  ((3, 3), 2, NONE),
  ((5, 5), 1, ((2, 2), (2, 2))),
  ((1, 7), 1, ((0, 0), (3, 3))),
  ((7, 1), 1, ((3, 3), (0, 0))),
  ((1, 3), 1, ((0, 0), (1, 1))),
  ((3, 1), 1, ((1, 1), (0, 0))),
]


def native(x, kernel, stride, padding):
  layout = ("NHWC", "HWIO", "NHWC")
  return lax.conv_general_dilated(x, kernel, (stride, stride), padding, dimension_numbers=layout)


def assert_native(x_shape, kernel_shape, stride, padding):
  rng = np.random.default_rng(0)
  x, kernel = (rng.normal(size=shape).astype(np.float32) for shape in (x_shape, kernel_shape))
  ours = jax.jit(lambda x, kernel: conv(x, kernel, stride, padding))(x, kernel)
  theirs = native(x, kernel, stride, padding)
  assert ours.shape == theirs.shape
  # Sums of up to 2,880 float32 products in another order: errors of 1e-7 √2880 at most.
  np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * float(jnp.abs(theirs).max()))


@pytest.mark.parametrize("size", [(9, 8), (8, 9), (7, 7)])
@pytest.mark.parametrize(("window", "stride", "padding"), KINDS)
def test_it_is_the_native_convolution_at_odd_and_even_sizes(size, window, stride, padding):
  # Height, width, in and out all differ, so that no two of them can be mixed up.
  assert_native((2, *size, 3), (*window, 3, 5), stride, padding)


# Inception's own channels: from 80 to 192 as in Conv2d_4a, from 320 of a sum as long as any.
@pytest.mark.parametrize(("inputs", "outputs"), [(80, 192), (320, 192)])
def test_rounding_stays_small_with_many_channels(inputs, outputs):
  assert_native((1, 17, 17, inputs), (3, 3, inputs, outputs), 1, ((1, 1), (1, 1)))


def test_padding_may_differ_on_each_side():
  assert_native((1, 6, 7, 2), (3, 3, 2, 4), 1, ((0, 2), (1, 0)))
  assert_native((1, 6, 7, 2), (3, 3, 2, 4), 2, ((0, 1), (2, 0)))


def test_an_image_smaller_than_a_tile_is_enough():
  # 3×3 pixels, no padding: one output, half of Winograd's 2×2 tile both ways.
  assert_native((1, 3, 3, 2), (3, 3, 2, 4), 1, NONE)


@pytest.mark.parametrize("stride", [1, 2])
def test_each_output_of_a_convolution_of_ones_counts_the_pixels_it_sees(stride):
  # 3 taps over 5 pixels padded by one see 2, 3, 3, 3 and 2 real pixels, at stride 2 every second.
  seen = np.array([2, 3, 3, 3, 2])[::stride]
  padding = ((1, 1), (1, 1))
  y = conv(jnp.ones((1, 5, 5, 1)), jnp.ones((3, 3, 1, 1)), stride, padding)
  np.testing.assert_array_equal(y[0, :, :, 0], np.outer(seen, seen))


@pytest.mark.parametrize(("platform", "is_native"), [("cpu", False), ("tpu", True), ("cuda", True)])
@pytest.mark.parametrize("stride", [1, 2])
def test_the_platform_chooses_the_form(stride, platform, is_native):
  operation = jax.jit(lambda x, kernel: conv(x, kernel, stride, NONE))
  traced = operation.trace(jnp.ones((1, 5, 5, 2)), jnp.ones((3, 3, 2, 3)))
  text = traced.lower(lowering_platforms=(platform,)).as_text()
  assert text.count("stablehlo.convolution") == (1 if is_native else 0)
  assert ("stablehlo.dot_general" in text) == (not is_native)


def test_accelerators_multiply_in_full_float32():
  operation = jax.jit(lambda x, kernel: conv(x, kernel, 1, NONE))
  traced = operation.trace(jnp.ones((1, 5, 5, 2)), jnp.ones((3, 3, 2, 3)))
  text = traced.lower(lowering_platforms=("tpu",)).as_text()
  assert "precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]" in text


def test_a_process_set_to_bfloat16_measures_in_float32():
  x, kernel = jnp.ones((1, 5, 5, 2)), jnp.ones((3, 3, 2, 3))
  with jax.default_matmul_precision("bfloat16"):
    text = jax.jit(lambda x, kernel: conv(x, kernel, 1, NONE)).lower(x, kernel).as_text()
  assert "bf16" not in text
