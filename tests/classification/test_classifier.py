import dataclasses

import jax
import numpy as np
import pytest

from dcgan_jax.classification.classifier import TrainingSet, make_classifier
from dcgan_jax.classification.recipe import make_optimizer
from dcgan_jax.classification.state import create_state
from dcgan_jax.models.expression_classifier import ExpressionClassifier

SHAPE = (16, 16, 3)


@pytest.fixture(scope="module")
def classifier():
  """Untrained, its kernels scaled so that the logits depend on the image (He et al. 2015)."""
  network = ExpressionClassifier(4, width=2)
  state = create_state(network, make_optimizer(8, 10), SHAPE, seed=0)

  def scaled(leaf):
    fan_in = np.prod(leaf.shape[:-1])
    return leaf / 0.02 * np.sqrt(2 / fan_in) if leaf.ndim == 4 else leaf

  state = dataclasses.replace(state, params=jax.tree.map(scaled, state.params))
  return make_classifier(network, state, ["a", "b", "c", "d"], SHAPE, TrainingSet("", "0" * 64, 8))


@pytest.fixture(scope="module")
def images():
  return np.random.default_rng(0).integers(0, 256, (70, *SHAPE), np.uint8)


def test_probabilities_are_of_each_class_and_add_up_to_one(classifier, images):
  found = classifier.probabilities(images)
  assert found.shape == (70, 4)
  assert found.dtype == np.float32
  assert (found >= 0).all()
  np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
  assert np.ptp(found[:, 0]) > 1e-3  # they depend on the image


def test_an_image_gets_the_same_alone_as_among_others(classifier, images):
  all_at_once = classifier.probabilities(images)
  for i in (0, 63, 64, 69):  # at both sides of a batch's end
    alone = classifier.probabilities(images[i : i + 1])
    np.testing.assert_allclose(alone[0], all_at_once[i], atol=1e-6)


def test_the_mirror_image_shows_the_same(classifier, images):
  np.testing.assert_allclose(
    classifier.probabilities(images[:3, :, ::-1]), classifier.probabilities(images[:3]), atol=1e-6
  )


def test_a_process_set_to_bfloat16_judges_in_float32(classifier, images):
  with jax.default_matmul_precision("bfloat16"):
    found = dataclasses.replace(classifier).probabilities(images)  # traced anew
  np.testing.assert_array_equal(found, classifier.probabilities(images))


def test_no_images_have_no_probabilities(classifier, images):
  assert classifier.probabilities(images[:0]).shape == (0, 4)


def test_other_images_than_it_was_trained_on_are_refused(classifier, images):
  with pytest.raises(ValueError, match=r"\(16, 16, 3\), got uint8 \(16, 16, 1\)"):
    classifier.probabilities(images[..., :1])
  with pytest.raises(ValueError, match="got float32"):
    classifier.probabilities(images.astype(np.float32))
