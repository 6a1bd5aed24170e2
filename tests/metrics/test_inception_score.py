import numpy as np
import pytest

from dcgan_jax.metrics.inception_score import inception_score


def score(logits, splits=1, seed=0):
  return inception_score(np.asarray(logits), rng=np.random.default_rng(seed), splits=splits)


def test_predictions_that_know_nothing_score_1():
  # p(y|x) = p(y) = 1/10 for each: KL 0.
  result = score(np.full((40, 10), 3.0), splits=4)
  assert result.mean == pytest.approx(1.0, rel=1e-12)
  assert result.std == pytest.approx(0, abs=1e-12)


def test_sure_predictions_of_k_equally_frequent_classes_score_k():
  # KL of a certain class from the uniform of 7 is ln 7, for each image.
  logits = 1000.0 * np.tile(np.eye(7), (5, 1))
  assert score(logits).mean == pytest.approx(7.0, rel=1e-12)


def test_sure_predictions_of_one_class_score_1():
  assert score(1000.0 * np.eye(7)[[3] * 20]).mean == pytest.approx(1.0, rel=1e-12)


def test_unequal_frequencies_by_hand():
  # 3 of class 0, 1 of class 1: KL is ln(4/3) and ln 4, the mean ¾ ln(4/3) + ¼ ln 4, and exp of it
  # (4/3)^¾ · 4^¼.
  logits = 1000.0 * np.eye(2)[[0, 0, 0, 1]]
  assert score(logits).mean == pytest.approx((4 / 3) ** 0.75 * 4**0.25, rel=1e-12)


def test_soft_predictions_by_hand():
  # p = (¾, ¼) and (¼, ¾), p(y) = (½, ½): KL of each is ¾ ln(3/2) + ¼ ln(1/2).
  logits = np.log([[0.75, 0.25], [0.25, 0.75]])
  assert score(logits).mean == pytest.approx(1.5**0.75 * 0.5**0.25, rel=1e-12)


def test_a_constant_added_to_an_images_logits_changes_nothing():
  rng = np.random.default_rng(1)
  logits = rng.normal(size=(30, 5))
  moved = score(logits + 1e4 * rng.normal(size=(30, 1))).mean
  assert moved == pytest.approx(score(logits).mean, rel=1e-9)


def test_a_class_that_no_image_could_be_adds_nothing():
  # exp(−5000) is 0 in float64, and its logarithm −∞: times each other they would give NaN.
  logits = np.random.default_rng(2).normal(size=(30, 5))
  impossible = np.concatenate([logits, np.full((30, 1), -5000.0)], axis=1)
  assert score(impossible).mean == pytest.approx(score(logits).mean, rel=1e-12)


def test_splits_are_scored_each_alone():
  # As many splits as images: each image is its own marginal.
  result = score(1000.0 * np.eye(6), splits=6)
  assert (result.mean, result.std, result.splits) == (pytest.approx(1.0), pytest.approx(0), 6)


def test_rows_are_shuffled_before_they_are_split():
  # Sorted by class, unshuffled halves would hold one class each, and score 1.
  logits = 1000.0 * np.eye(2)[[0] * 500 + [1] * 500]
  assert score(logits, splits=2).mean == pytest.approx(2.0, rel=0.01)


def test_a_remainder_is_not_dropped():
  # 5 rows in 2 splits are 2 + 3. Classes all different and sure: the splits score 2 and 3.
  result = score(1000.0 * np.eye(5), splits=2)
  assert result.mean == pytest.approx(2.5, rel=1e-12)
  assert result.std == pytest.approx(0.5, rel=1e-12)


def test_fewer_images_than_splits_are_refused():
  with pytest.raises(ValueError, match="at least 10 rows; it has 9"):
    score(np.zeros((9, 4)), splits=10)


def test_no_splits_are_refused():
  with pytest.raises(ValueError, match="splits must be at least 1; it is 0"):
    score(np.zeros((9, 4)), splits=0)


def test_a_logit_that_is_not_finite_is_refused():
  logits = np.zeros((9, 4))
  logits[5, 1] = np.inf
  with pytest.raises(ValueError, match="logits is not finite: the first such row is 5"):
    score(logits)
