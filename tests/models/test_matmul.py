from functools import partial

import jax
import jax.numpy as jnp
import native_convolutions
import numpy as np
import pytest

from dcgan_jax.models import convolutions, matmul
from dcgan_jax.models.precision import computing_in

# Each product, the shapes of its operands (no two sides equal), and numpy's.
PRODUCTS = {
  "times": (matmul.times, (6, 40), (40, 9), lambda a, b: a @ b),
  "times_transposed": (matmul.times_transposed, (6, 40), (9, 40), lambda a, b: a @ b.T),
  "correlate_narrow_left": (matmul.correlate, (40, 6), (40, 9), lambda a, b: a.T @ b),
  "correlate_narrow_right": (matmul.correlate, (40, 9), (40, 6), lambda a, b: a.T @ b),
}


def rounded(x):
  return np.asarray(x, jnp.bfloat16).astype(np.float64)


def compiled_in_bfloat16(function, *arguments):
  with computing_in("bfloat16"):
    return jax.jit(function).lower(*arguments)


# 40 terms, their sums below 32: float32 rounds each by 1e-6 at most. A result rounded to bfloat16
# would be off by up to 0.06.
SUMS = {"rtol": 0, "atol": 5e-5}


@pytest.mark.parametrize("name", PRODUCTS)
def test_bfloat16_rounds_the_operands_and_adds_in_float32(name):
  product, *shapes, reference = PRODUCTS[name]
  a, b = native_convolutions.draw(*shapes)
  result = compiled_in_bfloat16(product, a, b).compile()(a, b)
  assert result.dtype == jnp.float32
  np.testing.assert_allclose(result, reference(rounded(a), rounded(b)), **SUMS)


@pytest.mark.parametrize("precision", [None, "float32"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_float32_rounds_nothing(name, precision):
  product, *shapes, reference = PRODUCTS[name]
  a, b = native_convolutions.draw(*shapes)
  with computing_in(precision):
    result = jax.jit(product)(a, b)
  np.testing.assert_allclose(result, reference(*map(np.float64, (a, b))), **SUMS)


@pytest.mark.parametrize("name", PRODUCTS)
def test_gradients_are_products_of_rounded_operands_too(name):
  product, *shapes, reference = PRODUCTS[name]
  a, b = native_convolutions.draw(*shapes)
  (dy,) = native_convolutions.draw(reference(a, b).shape)

  def gradients(a, b, dy):
    return jax.vjp(product, a, b)[1](dy)

  ours = compiled_in_bfloat16(gradients, a, b, dy).compile()(a, b, dy)
  # The product is linear in each operand: its gradients are those of numpy's with the others
  # rounded.
  for mine, theirs in zip(ours, numpys_gradients(name, a, b, dy), strict=True):
    np.testing.assert_allclose(mine, theirs, **SUMS)


def numpys_gradients(name, a, b, dy):
  a, b, dy = rounded(a), rounded(b), rounded(dy)
  if name == "times":
    return dy @ b.T, a.T @ dy
  if name == "times_transposed":
    return dy @ b, dy.T @ a
  return b @ dy.T, a @ dy


@pytest.mark.parametrize("derivative", [0, 1, 2])
@pytest.mark.parametrize("name", PRODUCTS)
def test_the_compiler_gets_bfloat16_and_nothing_transposed(name, derivative):
  """Of transposed operands it would make float32 ones again, at twice the cost or more."""
  product, *shapes, _ = PRODUCTS[name]

  def function(a, b):
    return jnp.sum(jnp.sin(product(a, b)))

  for _ in range(derivative):
    function = partial(squared_gradients, function)
  lowered = compiled_in_bfloat16(function, *map(jnp.ones, shapes))
  asked = [line for line in lowered.as_text().splitlines() if "stablehlo.dot_general" in line]
  assert len(asked) == {0: 1, 1: 3, 2: 9}[derivative]
  for line in asked:
    types = line.split(" : ")[1]
    assert types.count("xbf16>") == 2
    assert types.endswith("xf32>")
  dots = [line for line in lowered.compile().as_text().splitlines() if " dot(" in line]
  assert len(dots) == len(asked)
  for dot in dots:
    assert "lhs_contracting_dims={1}, rhs_contracting_dims={0}" in dot


def squared_gradients(function, a, b):
  return sum(jnp.sum(jnp.square(g)) for g in jax.grad(function, argnums=(0, 1))(a, b))


# Sizes at which the CPU's form is one matmul and nine.
@pytest.mark.parametrize(("batch", "channels", "filters"), [(2, 3, 5), (48, 16, 20)])
@pytest.mark.parametrize("name", ["conv", "conv_transpose"])
def test_convolutions_and_their_gradients_take_it(name, batch, channels, filters):
  x, kernel = native_convolutions.draw((batch, 12, 8, channels), (4, 4, channels, filters))
  operation = partial(getattr(convolutions, name), stride=2)
  (cotangent,) = native_convolutions.draw(jax.eval_shape(operation, x, kernel).shape)

  def evaluate(x, kernel, cotangent):
    y, pullback = jax.vjp(operation, x, kernel)
    return y, *pullback(cotangent)

  exact = jax.jit(evaluate)(x, kernel, cotangent)
  ours = compiled_in_bfloat16(evaluate, x, kernel, cotangent).compile()(x, kernel, cotangent)
  for a, b in zip(ours, exact, strict=True):
    # Rounding to 8 bits moves a number by 2⁻⁸ of itself at most, by 2e-3 in the mean square; two
    # factors, each the sum of a few rounded or to be rounded, by a few times that.
    error = float(jnp.linalg.norm(a - b) / jnp.linalg.norm(b))
    assert 1e-4 < error < 1e-2
