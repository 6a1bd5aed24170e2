import jax
import jax.numpy as jnp
import native_convolutions
import numpy as np
import pytest

from dcgan_jax.models import convolutions

OPERATIONS = {
  "conv": (convolutions.conv, native_convolutions.conv),
  "conv_transpose": (convolutions.conv_transpose, native_convolutions.conv_transpose),
}

# Sizes at which the CPU's form is one matmul, nine and sixteen: (batch, taps, in, out, matmuls).
FORMS = [(2, 4, 3, 5, 1), (2, 5, 3, 5, 1), (48, 4, 16, 20, 9), (48, 5, 16, 20, 16)]

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


def assert_same_values_and_gradients(name, x_shape, kernel_shape, stride):
  operation, native = OPERATIONS[name]
  x, kernel = native_convolutions.draw(x_shape, kernel_shape)
  y = jax.eval_shape(lambda x, kernel: native(x, kernel, stride), x, kernel)
  (cotangent,) = native_convolutions.draw(y.shape)
  native_convolutions.assert_close(
    native_convolutions.values_and_gradients(operation, x, kernel, stride, cotangent),
    native_convolutions.values_and_gradients(native, x, kernel, stride, cotangent),
  )


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("batch", "taps", "channels", "filters", "matmuls"), FORMS)
def test_each_form_gives_the_native_values_and_gradients(
  name, batch, taps, channels, filters, matmuls
):
  # Height and width differ, so that they cannot be mixed up.
  shapes = (batch, 12, 8, channels), (taps, taps, channels, filters)
  operation, _ = OPERATIONS[name]
  jaxpr = jax.jit(lambda x, kernel: operation(x, kernel, 2)).lower(*map(jnp.ones, shapes))
  assert jaxpr.as_text().count("stablehlo.dot_general") == matmuls
  assert_same_values_and_gradients(name, *shapes, 2)


@pytest.mark.parametrize("name", OPERATIONS)
def test_only_a_cpu_is_told_how_gradients_lie_in_memory(name):
  operation, _ = OPERATIONS[name]
  gradient = jax.grad(lambda kernel, x: operation(x, kernel, 2).sum())
  traced = jax.jit(gradient).trace(jnp.ones((4, 4, 3, 5)), jnp.ones((2, 12, 8, 3)))
  texts = {p: traced.lower(lowering_platforms=(p,)).as_text() for p in ("cpu", "cuda", "tpu")}
  assert [p for p, text in texts.items() if "LayoutConstraint" in text] == ["cpu"]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("batch", "taps", "channels", "filters", "matmuls"), FORMS)
def test_gradients_of_a_gradients_norm_are_the_native_ones(
  name, batch, taps, channels, filters, matmuls
):
  """Penalties on the discriminator's gradient are trained through it."""
  x, kernel = native_convolutions.draw((batch, 12, 8, channels), (taps, taps, channels, filters))
  kernel = kernel / (taps * channels**0.5)  # for results around 1, where tanh bends

  def penalty_gradients(operation):
    def penalty(x, kernel):
      # tanh, for a gradient that depends on x.
      gradient = jax.grad(lambda x: jnp.sum(jnp.tanh(operation(x, kernel, 2))))(x)
      return jnp.sum(jnp.square(gradient))

    return jax.jit(jax.grad(penalty, argnums=(0, 1)))(x, kernel)

  native_convolutions.assert_close(*map(penalty_gradients, OPERATIONS[name]))


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
