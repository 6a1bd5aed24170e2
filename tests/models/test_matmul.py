from functools import partial

import jax
import jax.numpy as jnp
import native_convolutions
import numpy as np
import pytest

from dcgan_jax.models import convolutions, matmul

# Each form with numpy's of the same product; neither side of any operand equals another's.
FORMS = {
  "times": (matmul.times, (6, 40), (40, 9), lambda a, b: a @ b),
  "times_transposed": (
    lambda a, b: matmul.times(a, matmul.transposed(b)), (6, 40), (9, 40), lambda a, b: a @ b.T
  ),
  "correlate_narrow_left": (matmul.correlate, (40, 6), (40, 9), lambda a, b: a.T @ b),
  "correlate_narrow_right": (matmul.correlate, (40, 9), (40, 6), lambda a, b: a.T @ b),
}  # fmt: skip


def rounded(x):
  return x.astype(jnp.bfloat16).astype(np.float64)


@pytest.mark.parametrize("form", FORMS)
def test_bfloat16_rounds_the_operands_and_adds_in_float32(form):
  ours, a_shape, b_shape, reference = FORMS[form]
  a, b = native_convolutions.draw(a_shape, b_shape)
  with matmul.multiplying_in("bfloat16"):
    result = jax.jit(ours)(a, b)
  assert result.dtype == jnp.float32
  # Products of 8-bit significands are exact in float32; of 40 terms up to 16 the sum is off by 1e-5
  # at most, where rounding it to bfloat16 would cost 1e-2.
  np.testing.assert_allclose(result, reference(rounded(a), rounded(b)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", [None, "float32"])
@pytest.mark.parametrize("form", FORMS)
def test_float32_rounds_nothing(form, precision):
  ours, a_shape, b_shape, reference = FORMS[form]
  a, b = native_convolutions.draw(a_shape, b_shape)
  with matmul.multiplying_in(precision):
    result = jax.jit(ours)(a, b)
  np.testing.assert_allclose(result, reference(*map(np.float64, (a, b))), rtol=0, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_the_compiler_gets_no_transposed_operand_of_bfloat16(form):
  """It would convert such operands back to float32, at twice the cost or more."""
  ours, a_shape, b_shape, _ = FORMS[form]
  with matmul.multiplying_in("bfloat16"):
    text = jax.jit(ours).lower(jnp.ones(a_shape), jnp.ones(b_shape)).compile().as_text()
  (dot,) = [line for line in text.splitlines() if " dot(" in line]
  assert "lhs_contracting_dims={1}, rhs_contracting_dims={0}" in dot


# Sizes at which the CPU's form is one matmul and nine.
@pytest.mark.parametrize(("batch", "channels", "filters"), [(2, 3, 5), (48, 16, 20)])
@pytest.mark.parametrize("name", ["conv", "conv_transpose"])
def test_convolutions_and_their_gradients_take_it(name, batch, channels, filters):
  x, kernel = native_convolutions.draw((batch, 12, 8, channels), (4, 4, channels, filters))
  operation = partial(getattr(convolutions, name), stride=2)
  y, _ = jax.vjp(operation, x, kernel)
  (cotangent,) = native_convolutions.draw(y.shape)

  @jax.jit
  def evaluate(x, kernel, cotangent):
    y, pullback = jax.vjp(operation, x, kernel)
    return y, *pullback(cotangent)

  exact = evaluate(x, kernel, cotangent)
  with matmul.multiplying_in("bfloat16"):
    ours = evaluate(x, kernel, cotangent)
  for a, b in zip(ours, exact, strict=True):
    # Rounding to 8 bits moves a factor by 2⁻⁹ of itself at most, by 0.6 of that in the mean square,
    # a sum of several factors likewise: results by a few thousandths.
    error = float(jnp.linalg.norm(a - b) / jnp.linalg.norm(b))
    assert 1e-4 < error < 1e-2
