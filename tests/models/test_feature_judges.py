import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.models.expression_classifier import ExpressionClassifier, ExpressionFeatures
from dcgan_jax.models.feature_judges import CLASSIFIER, with_classifier


@pytest.fixture(scope="module")
def judges(small_networks):
  """The small PixelNorm discriminator, and judges beside it."""
  return small_networks("pixelnorm_dcgan", classifier="a folder").discriminator


@pytest.fixture(scope="module")
def classifier(playing):
  """A classifier of five classes with random weights, as judges know it."""
  network = ExpressionClassifier(num_classes=5)
  key, pixels = jax.random.key(3), playing.pixels[:1]
  return network, jax.jit(network.init)(key, pixels)


@pytest.fixture(scope="module")
def variables(judges, classifier, playing):
  found = playing.random_variables(judges, playing.pixels[:1], playing.classes[:1])
  return {**found, "batch_stats": with_classifier(found["batch_stats"], classifier[1])}


def test_the_features_are_those_that_the_classifier_decides_by(classifier, playing):
  network, variables = classifier
  features = {
    kind: {name: leaf for name, leaf in variables[kind].items() if name != "logits"}
    for kind in variables
  }
  last = jax.jit(ExpressionFeatures().apply)(features, playing.pixels)[-1]
  dense = variables["params"]["logits"]
  expected = network.apply(variables, playing.pixels, train=False)
  logits = jnp.mean(last, axis=(1, 2)) @ dense["kernel"] + dense["bias"]
  np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_the_discriminators_own_logits_come_first_and_five_judges_after(judges, variables, playing):
  def apply(module, variables):
    return playing.apply(module, variables, playing.pixels, playing.classes, playing.key)

  judgement, _ = jax.jit(lambda v: apply(judges, v))(variables)
  own = {kind: variables[kind]["discriminator"] for kind in variables}
  alone, _ = jax.jit(lambda v: apply(judges.discriminator, v))(own)
  assert judgement.logits.shape == (6 * len(playing.pixels),)
  np.testing.assert_allclose(judgement.logits[: len(playing.pixels)], alone.logits, atol=1e-6)
  for of_one in np.split(judgement.logits, 6)[1:]:
    assert np.ptp(of_one) > 0  # each tells images apart


def test_everything_is_trained_but_the_classifier(judges, variables, playing):
  def loss(params):
    judgement, new = playing.apply(
      judges, {**variables, "params": params}, playing.pixels, playing.classes, playing.key
    )
    return jnp.sum(jnp.tanh(judgement.logits)), new["batch_stats"]

  gradients, stats = jax.jit(jax.grad(loss, has_aux=True))(variables["params"])
  for path, gradient in jax.tree_util.tree_leaves_with_path(gradients):
    assert np.abs(gradient).max() > 0, jax.tree_util.keystr(path)
  jax.tree.map(
    np.testing.assert_array_equal, stats[CLASSIFIER], variables["batch_stats"][CLASSIFIER]
  )
  moved = stats["judge0"]["norm1"]["mean"] != variables["batch_stats"]["judge0"]["norm1"]["mean"]
  assert np.any(moved)


def test_a_generator_learns_from_every_judge(judges, variables, playing):
  def logits(pixels):
    judgement, _ = playing.apply(judges, variables, pixels, playing.classes, playing.key)
    return judgement.logits.reshape(6, -1).sum(axis=1)

  for gradient in jax.jit(jax.jacrev(logits))(playing.pixels):
    assert np.abs(gradient).max() > 0


def test_a_classifier_of_other_images_does_not_fit(judges, variables, classifier):
  params = dict(classifier[1]["params"])
  params["stem"] = {"kernel": np.zeros((4, 4, 1, 32), np.float32)}
  with pytest.raises(ValueError, match=r"\(4, 4, 1, 32\) where \(4, 4, 2, 32\) is needed"):
    with_classifier(variables["batch_stats"], {**classifier[1], "params": params})


@pytest.mark.parametrize("side", [16, 64, 80, 112])
def test_images_of_any_size_that_its_discriminator_takes_are_judged(small_networks, side):
  judges = small_networks("pixelnorm_dcgan", classifier="a folder").discriminator
  pixels = jnp.zeros((2, side, side, 1))
  judgement, _ = jax.eval_shape(judges.init_with_output, jax.random.key(0), pixels)
  assert judgement.logits.shape == (12,)
