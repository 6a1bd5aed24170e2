import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.models.layers import Conv, ConvTranspose
from dcgan_jax.models.precision import activation_dtype, computing_in

IMAGES = np.random.default_rng(0).normal(size=(2, 8, 8, 5)).astype(np.float32)


def rounded(x):
  return np.asarray(x, jnp.bfloat16).astype(np.float32)


@pytest.mark.parametrize(
  ("precision", "multiplied", "kept"),
  [
    (None, None, "float32"),
    ("float32", "float32", "float32"),
    ("bfloat16", "bfloat16", "float32"),
    ("mixed_bfloat16", "bfloat16", "bfloat16"),
  ],
)
def test_each_precision_sets_jax_s_products_and_the_activations(precision, multiplied, kept):
  with computing_in(precision):
    assert jax.default_matmul_precision.value == multiplied
    assert activation_dtype() == kept


def test_what_was_set_before_holds_again_afterwards():
  with computing_in("mixed_bfloat16"):
    with computing_in("float32"):
      assert activation_dtype() == "float32"
    assert (activation_dtype(), jax.default_matmul_precision.value) == ("bfloat16", "bfloat16")


def values_and_gradients(layer, params, precision):
  def total(params, x):
    return jnp.sum(jnp.sin(layer.apply(params, x)))

  with computing_in(precision):
    values = jax.jit(lambda params, x: layer.apply(params, x))(params, IMAGES)
    return values, *jax.jit(jax.grad(total, (0, 1)))(params, IMAGES)


@pytest.mark.parametrize("layer", [Conv(6, use_bias=False), ConvTranspose(6, use_bias=False)])
def test_mixed_rounds_what_convolutions_take_and_give_and_nothing_else(layer):
  params = layer.init(jax.random.key(0), IMAGES)
  mixed, gradients, dx = values_and_gradients(layer, params, "mixed_bfloat16")
  # Parameters, gradients and what is between the convolutions are float32.
  for leaf in (mixed, dx, *jax.tree.leaves((params, gradients))):
    assert leaf.dtype == jnp.float32
  exact = layer.apply(jax.tree.map(rounded, params), rounded(IMAGES))
  np.testing.assert_array_equal(mixed, rounded(mixed))
  np.testing.assert_allclose(mixed, exact, rtol=2**-8, atol=1e-5)
  # bfloat16 has 8 bits: an operand is off by 2^-9 of its size, a sum of products by little more.
  _, true_gradients, true_dx = values_and_gradients(layer, params, "float32")
  for one, true in zip(
    jax.tree.leaves((gradients, dx)), jax.tree.leaves((true_gradients, true_dx)), strict=True
  ):
    assert np.abs(one - true).max() < 0.02 * np.abs(true).max()
    assert np.abs(one - true).max() > 0


@pytest.mark.parametrize("platform", ["tpu", "cuda"])
def test_on_accelerators_the_native_convolution_takes_and_gives_bfloat16(platform):
  layer = Conv(6)
  params = layer.init(jax.random.key(0), IMAGES)
  texts = {}
  for precision in ("bfloat16", "mixed_bfloat16"):
    with computing_in(precision):
      traced = jax.jit(lambda params, x: layer.apply(params, x)).trace(params, IMAGES)
      texts[precision] = traced.lower(lowering_platforms=(platform,)).as_text()
  convolutions = {
    precision: [line for line in text.splitlines() if "stablehlo.convolution" in line]
    for precision, text in texts.items()
  }
  assert len(convolutions["bfloat16"]) == len(convolutions["mixed_bfloat16"]) == 1
  assert "bf16" not in convolutions["bfloat16"][0]
  assert "(tensor<2x8x8x5xbf16>, tensor<4x4x5x6xbf16>)" in convolutions["mixed_bfloat16"][0]
  assert "-> tensor<2x4x4x6xbf16>" in convolutions["mixed_bfloat16"][0]
