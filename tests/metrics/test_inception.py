import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from random_inception import random_tensors

from dcgan_jax.metrics.inception import (
  FEATURES,
  BasicConv2d,
  Inception,
  InceptionB,
  InceptionE,
  variables,
)
from dcgan_jax.metrics.inception_shapes import SHAPES


@pytest.fixture(scope="module")
def tensors():
  return random_tensors()


def names(tree):
  """{block.branch.kind: shape} of a tree of variables."""
  return {
    ".".join(entry.key for entry in path): leaf.shape
    for path, leaf in jax.tree.leaves_with_path(tree)
  }


def test_an_image_has_2048_features(tensors):
  images = jax.ShapeDtypeStruct((2, 299, 299, 3), "float32")
  result = jax.eval_shape(Inception().apply, variables(tensors), images)
  assert (result.shape, result.dtype) == ((2, FEATURES), np.float32)


def test_a_gray_image_stands_for_three_equal_channels(tensors):
  def first_layer(weights, x):
    of_first = lambda module, _: module.name == "Conv2d_1a_3x3"
    _, found = Inception().apply(weights, x, capture_intermediates=of_first)
    return found["intermediates"]["Conv2d_1a_3x3"]["__call__"][0]  # only this much is compiled

  gray = np.random.default_rng(0).uniform(-1, 1, (1, 299, 299, 1)).astype(np.float32)
  weights = variables(tensors)
  one, three = (jax.jit(first_layer)(weights, x) for x in (gray, gray.repeat(3, axis=-1)))
  np.testing.assert_allclose(one, three, rtol=0, atol=1e-6 * float(three.max()))


def test_every_tensor_goes_where_the_module_wants_one(tensors):
  images = jax.ShapeDtypeStruct((1, 299, 299, 3), "float32")
  wanted = names(jax.eval_shape(Inception().init, jax.random.key(0), images))
  assert names(variables(tensors)) == wanted
  assert len(wanted) == 2 * len(SHAPES)


def test_tensors_that_are_too_few_are_refused(tensors):
  with pytest.raises(ValueError, match="shorter"):
    variables(tensors._replace(convolutions=tensors.convolutions[:-1]))


def test_pooling_before_the_relu_is_the_published_pool_and_then_the_convolution():
  # A 1×1 convolution mixes channels, an average mixes pixels: the sums change places. The bias is
  # its own average, since padding is not counted, at the borders too.
  rng = np.random.default_rng(0)
  x = rng.normal(size=(2, 5, 6, 7)).astype(np.float32)
  kernel = rng.normal(size=(1, 1, 7, 4)).astype(np.float32)
  bias = rng.normal(size=4).astype(np.float32)
  params = {"params": {"kernel": kernel, "bias": bias}}
  pooled = nn.avg_pool(x, (3, 3), (1, 1), "SAME", count_include_pad=False)
  published = BasicConv2d(4).apply(params, pooled)
  ours = BasicConv2d(4, pool=True).apply(params, x)
  np.testing.assert_allclose(ours, published, rtol=0, atol=1e-5)


def test_an_average_does_not_count_the_padding():
  # Ones stay ones, at the corner too, where 5 of the 9 pixels of the window are padding.
  params = {"params": {"kernel": jnp.ones((1, 1, 1, 1)), "bias": jnp.zeros(1)}}
  y = BasicConv2d(1, pool=True).apply(params, jnp.ones((1, 4, 4, 1)))
  np.testing.assert_allclose(y, np.ones((1, 4, 4, 1)), rtol=1e-6)


def passing_on(module, x, branch):
  """The module with weights of zero, but for a branch that hands its first channel on."""
  shapes = jax.eval_shape(module.init, jax.random.key(0), x)
  weights = jax.tree.map(lambda leaf: np.zeros(leaf.shape, np.float32), shapes)
  weights["params"][branch]["kernel"][0, 0, 0, 0] = 1
  return np.asarray(jax.jit(module.apply)(weights, x))


@pytest.mark.parametrize(("max_pool", "expected"), [(False, 1 / 9), (True, 1)])
def test_only_the_last_block_takes_a_maximum(max_pool, expected):
  # One pixel of 1 in the middle: the mean of its windows is 1/9, their maximum 1.
  x = np.zeros((1, 5, 5, 1), np.float32)
  x[0, 2, 2, 0] = 1
  y = passing_on(InceptionE(max_pool=max_pool), x, "branch_pool")
  window = np.zeros((5, 5))
  window[1:4, 1:4] = expected
  first_pooled = 2048 - 192
  np.testing.assert_allclose(y[0, :, :, first_pooled], window, rtol=1e-6)


def test_branches_that_shrink_take_every_second_window_without_padding():
  # 7 pixels: windows of 3 begin at 0, 2 and 4.
  x = np.arange(49, dtype=np.float32).reshape(1, 7, 7, 1)
  y = passing_on(InceptionB(), x, "branch3x3")
  assert y.shape == (1, 3, 3, 384 + 96 + 1)
  # The kernel's first tap hands on the corner of each window; the maximum is the other corner.
  np.testing.assert_array_equal(y[0, :, :, 0], x[0, 0:5:2, 0:5:2, 0])
  np.testing.assert_array_equal(y[0, :, :, -1], x[0, 2:7:2, 2:7:2, 0])
