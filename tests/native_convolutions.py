"""Not a test: XLA's own convolutions, and a comparison of others with them."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

_LAYOUT = ("NHWC", "HWIO", "NHWC")


def conv(x, kernel, stride):
  return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT)


def conv_transpose(x, kernel, stride):
  return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT)


BY_NAME = {"conv": conv, "conv_transpose": conv_transpose}


def draw(*shapes):
  rng = np.random.default_rng(0)
  return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def values_and_gradients(operation, x, kernel, stride, cotangent):
  def evaluate(x, kernel, cotangent):
    y, pullback = jax.vjp(lambda x, kernel: operation(x, kernel, stride), x, kernel)
    return y, *pullback(cotangent)

  return jax.jit(evaluate)(x, kernel, cotangent)


def assert_close(ours, theirs):
  for a, b in zip(ours, theirs, strict=True):
    assert a.shape == b.shape
    # Sums of up to 4,608 float32 products in another order: errors of 1e-7 √4608 at most.
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * float(jnp.abs(b).max()))


def assert_form_agrees(form, name, x_shape, kernel_shape, stride):
  """That a module's operation and its gradients are the native ones."""
  x, kernel = draw(x_shape, kernel_shape)
  y = jax.eval_shape(lambda x, kernel: BY_NAME[name](x, kernel, stride), x, kernel)
  (cotangent,) = draw(y.shape)
  values, gradients = getattr(form, name), getattr(form, f"{name}_gradients")

  def evaluate(x, kernel, cotangent):
    return values(x, kernel, stride), *gradients(x, kernel, stride, cotangent)

  theirs = values_and_gradients(BY_NAME[name], x, kernel, stride, cotangent)
  assert_close(jax.jit(evaluate)(x, kernel, cotangent), theirs)
