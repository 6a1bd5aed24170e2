import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from dcgan_jax.models import convolutions

LAYOUT = ("NHWC", "HWIO", "NHWC")


def native_conv(x, kernel, stride):
  return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=LAYOUT)


def native_conv_transpose(x, kernel, stride):
  return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=LAYOUT)


OPERATIONS = {
  "conv": (convolutions.conv, native_conv),
  "conv_transpose": (convolutions.conv_transpose, native_conv_transpose),
}

# (taps, stride): the paper's 4/2 and 4/1, the conditional networks' 3/1, 3/2, 5/2 and 12/1.
KERNELS = [(4, 2), (4, 1), (3, 1), (3, 2), (5, 2), (12, 1)]

# The paper's layers with an eighth of the filters or fewer: (operation, size, in, out, stride).
LAYERS = [
  ("conv", 48, 1, 8, 2),
  ("conv", 24, 8, 16, 2),
  ("conv", 12, 16, 32, 2),
  ("conv", 6, 32, 64, 2),
  ("conv_transpose", 6, 64, 32, 2),
  ("conv_transpose", 12, 32, 16, 2),
  ("conv_transpose", 24, 16, 8, 2),
  ("conv_transpose", 48, 8, 1, 1),
]


def values_and_gradients(operation, x, kernel, stride, cotangent):
  def evaluate(x, kernel, cotangent):
    y, pullback = jax.vjp(lambda x, kernel: operation(x, kernel, stride), x, kernel)
    return y, *pullback(cotangent)

  return jax.jit(evaluate)(x, kernel, cotangent)


def assert_same_values_and_gradients(name, x_shape, kernel_shape, stride):
  operation, native = OPERATIONS[name]
  rng = np.random.default_rng(0)
  x, kernel = (rng.normal(size=shape).astype(np.float32) for shape in (x_shape, kernel_shape))
  y = jax.eval_shape(lambda x, kernel: native(x, kernel, stride), x, kernel)
  cotangent = rng.normal(size=y.shape).astype(np.float32)
  ours = values_and_gradients(operation, x, kernel, stride, cotangent)
  theirs = values_and_gradients(native, x, kernel, stride, cotangent)
  for a, b in zip(ours, theirs, strict=True):
    assert a.shape == b.shape
    # Sums of up to 4,608 float32 products in another order: errors of 1e-7 √4608 at most.
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * float(jnp.abs(b).max()))


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("taps", "stride"), KERNELS)
def test_values_and_gradients_are_the_native_ones(name, taps, stride):
  # Height, width, in and out all differ, so that no two of them can be mixed up.
  assert_same_values_and_gradients(name, (2, 12, 8, 3), (taps, taps, 3, 5), stride)


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_of_a_gradients_norm_are_the_native_ones(name):
  """Penalties on the discriminator's gradient are trained through it."""
  rng = np.random.default_rng(0)
  x = rng.normal(size=(2, 12, 8, 3)).astype(np.float32)
  kernel = rng.normal(size=(4, 4, 3, 5)).astype(np.float32)

  def penalty_gradients(operation):
    def penalty(x, kernel):
      # tanh, for a gradient that depends on x.
      gradient = jax.grad(lambda x: jnp.sum(jnp.tanh(operation(x, kernel, 2))))(x)
      return jnp.sum(jnp.square(gradient))

    return jax.jit(jax.grad(penalty, argnums=(0, 1)))(x, kernel)

  for ours, theirs in zip(*map(penalty_gradients, OPERATIONS[name]), strict=True):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * float(jnp.abs(theirs).max()))


@pytest.mark.parametrize(("name", "size", "channels", "filters", "stride"), LAYERS)
def test_the_papers_layers_agree_with_the_native_ones(name, size, channels, filters, stride):
  assert_same_values_and_gradients(
    name, (2, size, size, channels), (4, 4, channels, filters), stride
  )


def test_each_output_of_a_convolution_of_ones_counts_the_pixels_it_sees():
  # 4 taps over 6 pixels padded by one: the windows see 3, 4 and 3 real pixels along each side.
  seen = np.array([3, 4, 3])
  y = convolutions.conv(jnp.ones((1, 6, 6, 1)), jnp.ones((4, 4, 1, 1)), 2)
  np.testing.assert_array_equal(y[0, :, :, 0], np.outer(seen, seen))


def test_a_transposed_convolution_lays_the_turned_kernel_around_each_pixel():
  # One pixel at (1, 1) of 3×3 covers rows and columns 1 to 4 of the 6×6 output. The kernel slides
  # unflipped over the dilated input, so the pixel meets the last tap first.
  kernel = jnp.arange(16.0).reshape(4, 4, 1, 1)
  x = jnp.zeros((1, 3, 3, 1)).at[0, 1, 1, 0].set(1.0)
  expected = np.zeros((6, 6))
  expected[1:5, 1:5] = np.arange(15.0, -1.0, -1.0).reshape(4, 4)
  y = convolutions.conv_transpose(x, kernel, 2)
  np.testing.assert_array_equal(y[0, :, :, 0], expected)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("platform", "native"), [("cpu", False), ("tpu", True), ("cuda", True)])
def test_the_platform_chooses_the_form_of_values_and_gradients(name, platform, native):
  operation, _ = OPERATIONS[name]

  def gradients(x, kernel):
    return jax.grad(lambda x, kernel: jnp.sum(operation(x, kernel, 2) ** 2), (0, 1))(x, kernel)

  traced = jax.jit(gradients).trace(jnp.ones((1, 4, 4, 2)), jnp.ones((4, 4, 2, 3)))
  text = traced.lower(lowering_platforms=(platform,)).as_text()
  assert text.count("stablehlo.convolution") == (3 if native else 0)
  assert ("stablehlo.dot_general" in text) == (not native)
