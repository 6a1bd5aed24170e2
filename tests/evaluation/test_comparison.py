import dataclasses

from fake_extractor import FakeExtractor

from dcgan_jax.evaluation.comparison import refusal
from dcgan_jax.evaluation.protocol import METRICS, NEED_WEIGHTS, PER_CLASS


def test_without_a_classifier_expressions_are_refused_with_the_way_to_get_one(comparison):
  without = dataclasses.replace(comparison, classifier=None, no_classifier="train one")
  assert refusal("expression", None, without) == refusal("cas", None, without) == "train one"
  assert refusal("expression", None, comparison) == refusal("cas", None, comparison) == ""


def test_cas_needs_images_that_were_held_out(comparison):
  alone = dataclasses.replace(comparison, held_out=None)
  assert "held out from training" in refusal("cas", None, alone)


def test_without_weights_what_needs_them_is_refused(comparison):
  refused = [metric for metric in [*METRICS, PER_CLASS] if refusal(metric, None, comparison)]
  assert refused == list(NEED_WEIGHTS)
  assert refusal("fid", None, comparison) == "needs the Inception weights"


def test_with_weights_nothing_is_refused(comparison):
  for metric in [*METRICS, PER_CLASS]:
    assert refusal(metric, FakeExtractor(), comparison) == ""


def test_without_the_last_layer_the_inception_score_is_not_available(comparison):
  headless = FakeExtractor(has_logits=False)
  assert "not available with this file of weights" in refusal("is", headless, comparison)
  assert "python -m dcgan_jax.metrics.weights" in refusal("is", headless, comparison)
  assert refusal("fid", headless, comparison) == ""


def test_without_a_training_set_memorization_is_refused(comparison):
  unknown = dataclasses.replace(comparison, train=None, no_train="why not", held_out=None)
  assert refusal("memorization", FakeExtractor(), unknown) == "why not"
  assert refusal("fid", FakeExtractor(), unknown) == ""


def test_against_statistics_alone_what_needs_images_is_refused(comparison):
  alone = dataclasses.replace(comparison, reference=None)
  refused = [m for m in [*METRICS, PER_CLASS] if refusal(m, FakeExtractor(), alone)]
  assert refused == ["kid", "prdc", "swd", "per_class"]
