import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.models.expression_classifier import ExpressionClassifier, standardize


def initialised(image_shape, num_classes=7, width=2):
  network = ExpressionClassifier(num_classes, width)
  pixels = jnp.zeros((1, *image_shape))
  return network, jax.jit(network.init)(jax.random.key(0), pixels)


@pytest.mark.parametrize("image_shape", [(48, 48, 1), (64, 64, 3), (16, 32, 1)])
def test_any_image_of_sides_divisible_by_16_gets_a_logit_per_class(image_shape):
  network = ExpressionClassifier(num_classes=5, width=2)
  pixels = jnp.zeros((3, *image_shape))
  logits, variables = jax.eval_shape(network.init_with_output, jax.random.key(0), pixels)
  assert logits.shape == (3, 5)
  assert logits.dtype == jnp.float32
  assert set(variables) == {"params", "batch_stats"}


def test_the_parameters_are_those_of_the_drawing():
  network = ExpressionClassifier(num_classes=7, width=32)
  variables = jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 48, 48, 1)))
  count = sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))

  def norm(features):
    return 2 * features

  def block(before, after, stride):
    taps = (2 + stride) ** 2
    main = taps * before * after + norm(after) + 9 * after * after + norm(after)
    return main + (before * after + norm(after) if stride == 2 else 0)

  stem = 16 * 32 + norm(32)
  blocks = block(32, 64, 2) + block(64, 64, 1) + block(64, 128, 2) + block(128, 256, 2)
  assert count == stem + blocks + 256 * 7 + 7


def test_every_parameter_gets_a_gradient(playing):
  network, variables = initialised((16, 16, 1))
  pixels = jax.random.normal(jax.random.key(1), (8, 16, 16, 1))

  def loss(params):
    logits, _ = network.apply({**variables, "params": params}, pixels, mutable=["batch_stats"])
    return jnp.sum(jax.nn.log_softmax(logits)[:, 0])

  gradients = jax.jit(jax.grad(loss))(variables["params"])
  for path, gradient in jax.tree_util.tree_leaves_with_path(gradients):
    assert np.abs(gradient).max() > 0, jax.tree_util.keystr(path)


def test_exposure_and_contrast_do_not_matter():
  network, variables = initialised((16, 16, 1))
  pixels = jax.random.uniform(jax.random.key(1), (4, 16, 16, 1))
  logits = jax.jit(lambda pixels: network.apply(variables, pixels, train=False))
  np.testing.assert_allclose(logits(0.3 * pixels - 0.5), logits(pixels), atol=1e-5)


def test_an_image_is_standardised_by_itself():
  # Mean 2, and deviations -1, 1, so a standard deviation of 1; the second is ten times that.
  one = jnp.array([[1.0, 3.0], [3.0, 1.0]])
  result = standardize(jnp.stack([one, 10 * one])[..., None])
  expected = [[-1.0, 1.0], [1.0, -1.0]]
  np.testing.assert_allclose(result[..., 0], [expected, expected], atol=1e-6)


def test_an_image_of_one_colour_becomes_zero():
  np.testing.assert_array_equal(standardize(jnp.full((1, 4, 4, 3), 0.5)), jnp.zeros((1, 4, 4, 3)))
