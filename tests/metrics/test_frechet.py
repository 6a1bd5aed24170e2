import numpy as np
import pytest
import scipy.linalg

from dcgan_jax.metrics import frechet
from dcgan_jax.metrics.frechet import (
  fit_gaussian,
  frechet_between,
  frechet_distance,
  gaussian_from_moments,
)


def skewed(rng, count, width):
  """Correlated, skewed and nonnegative, as pooled features are."""
  return np.maximum(rng.normal(size=(count, width)) @ rng.normal(size=(width, width)), 0)


def dense_distance(a, b):
  """Eq. 6 of Heusel et al. as it stands, with a matrix square root."""
  s1, s2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
  root = scipy.linalg.sqrtm(s1 @ s2).real
  return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s1 + s2 - 2 * root)


def test_equal_covariances_leave_the_squared_mean_difference():
  rng = np.random.default_rng(0)
  a = rng.normal(size=(500, 8))
  shift = np.arange(8.0)
  # Same sample, moved: covariances are identical, so the distance is |shift|² = 0+1+4+…+49 = 140.
  assert frechet_distance(a, a + shift) == pytest.approx(140.0, rel=1e-9)


def test_on_the_line_it_is_the_distance_of_means_and_standard_deviations():
  # Means 1 and 10; variances (1+0+1)/2 = 1 and (9+0+9)/2 = 9, so (1−10)² + (1−3)² = 85.
  a, b = np.array([[0.0], [1.0], [2.0]]), np.array([[7.0], [10.0], [13.0]])
  assert frechet_distance(a, b) == pytest.approx(85.0, rel=1e-12)


def test_commuting_covariances_give_the_difference_of_their_roots():
  a = gaussian_from_moments(np.zeros(3), np.diag([1.0, 4.0, 9.0]))
  b = gaussian_from_moments(np.zeros(3), np.diag([16.0, 4.0, 0.0]))
  # Standard deviations 1, 2, 3 against 4, 2, 0: 9 + 0 + 9.
  assert frechet_between(a, b) == pytest.approx(18.0, rel=1e-12)


def test_two_samples_are_enough():
  # Each pair spans one axis: covariances diag(2, 0, 0) and diag(0, 8, 0), whose product is 0; both
  # means are 0. So the distance is 2 + 8.
  a = np.array([[1.0, 0, 0], [-1.0, 0, 0]])
  b = np.array([[0.0, 2, 0], [0.0, -2, 0]])
  assert frechet_distance(a, b) == pytest.approx(10.0, rel=1e-12)


def test_fewer_samples_than_features_agree_with_their_own_subspace():
  # 10 samples in 40 features that use 5 alone: the rest adds nothing, and there n > d holds.
  rng = np.random.default_rng(1)
  a, b = rng.normal(size=(10, 5)), rng.normal(size=(12, 5)) + 1
  wide = np.linalg.qr(rng.normal(size=(40, 5)))[0].T
  assert frechet_distance(a @ wide, b @ wide) == pytest.approx(dense_distance(a, b), rel=1e-7)


@pytest.mark.parametrize("count", [20, 50, 51, 400])
def test_identical_sets_are_at_distance_0(count):
  a = skewed(np.random.default_rng(2), count, 50)
  total = np.trace(np.cov(a, rowvar=False))
  assert 0 <= frechet_distance(a, a) < 1e-12 * total
  assert 0 <= frechet_distance(a, a[::-1]) < 1e-12 * total


def test_a_constant_set_adds_nothing_but_its_mean():
  rng = np.random.default_rng(3)
  a, constant = rng.normal(size=(100, 6)), np.full((100, 6), 2.0)
  expected = np.sum((a.mean(0) - 2) ** 2) + np.trace(np.cov(a, rowvar=False))
  assert frechet_distance(a, constant) == pytest.approx(expected, rel=1e-9)
  assert frechet_distance(constant, constant) == 0


def test_it_does_not_matter_which_set_is_first():
  rng = np.random.default_rng(4)
  a, b = skewed(rng, 30, 50), skewed(rng, 300, 50)
  assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)


@pytest.mark.parametrize("count", [15, 200])
def test_turning_both_sets_changes_nothing(count):
  rng = np.random.default_rng(5)
  a, b = skewed(rng, count, 20), skewed(rng, count, 20)
  turn = np.linalg.qr(rng.normal(size=(20, 20)))[0]
  assert frechet_distance(a @ turn, b @ turn) == pytest.approx(frechet_distance(a, b), rel=1e-9)


def test_it_is_the_published_formula_where_that_is_well_conditioned():
  rng = np.random.default_rng(6)
  a, b = rng.normal(size=(400, 16)), skewed(rng, 300, 16)
  assert frechet_distance(a, b) == pytest.approx(dense_distance(a, b), rel=1e-9)


@pytest.mark.parametrize("count", [2, 16, 17, 300])
def test_the_factor_is_a_root_of_the_covariance(count):
  a = skewed(np.random.default_rng(7), count, 16)
  gaussian = fit_gaussian(a)
  assert gaussian.factor.shape == (min(count, 16), 16)
  np.testing.assert_allclose(gaussian.mean, a.mean(0), rtol=1e-12)
  covariance = gaussian.factor.T @ gaussian.factor
  np.testing.assert_allclose(covariance, np.cov(a, rowvar=False), rtol=0, atol=1e-12)


def test_blocks_of_rows_add_up(monkeypatch):
  # 100 rows in blocks of 7, fewer than the 16 features, and a last block of 2.
  a = skewed(np.random.default_rng(8), 100, 16)
  monkeypatch.setattr(frechet, "BLOCK_ROWS", 7)
  gaussian = fit_gaussian(a)
  covariance = gaussian.factor.T @ gaussian.factor
  np.testing.assert_allclose(covariance, np.cov(a, rowvar=False), rtol=0, atol=1e-12)


def test_float32_features_are_averaged_in_float64():
  # 1e4 + {0, 1, 2, …} is exact in float32; a float32 sum of 30,000 of them would not be.
  a = (1e4 + np.arange(30_000) % 7).astype(np.float32)[:, None]
  exact = a.astype(np.float64)
  gaussian = fit_gaussian(a)
  assert gaussian.mean[0] == pytest.approx(exact.mean(), rel=1e-14)
  assert gaussian.factor[0, 0] ** 2 == pytest.approx(exact.var(ddof=1), rel=1e-10)


def test_moments_and_features_give_the_same_gaussian():
  rng = np.random.default_rng(9)
  a, b = skewed(rng, 200, 16), skewed(rng, 100, 16)
  stored = gaussian_from_moments(a.mean(0), np.cov(a, rowvar=False))
  other = fit_gaussian(b)
  assert frechet_between(stored, other) == pytest.approx(
    frechet_between(fit_gaussian(a), other), rel=1e-9
  )


def test_moments_of_fewer_samples_than_features_are_accepted():
  # The covariance of 5 samples in 16 features has 12 eigenvalues 0, some of them below by rounding.
  a = skewed(np.random.default_rng(10), 5, 16)
  stored = gaussian_from_moments(a.mean(0), np.cov(a, rowvar=False))
  # A root of 1e-16 is 1e-8: squaring loses half of the digits.
  assert frechet_between(stored, fit_gaussian(a)) == pytest.approx(0, abs=1e-5)


def test_float32_moments_are_accepted():
  a = skewed(np.random.default_rng(11), 20, 16).astype(np.float32)
  covariance = np.cov(a, rowvar=False, dtype=np.float32)
  covariance[0, 1] = np.nextafter(covariance[0, 1], np.float32(np.inf))
  stored = gaussian_from_moments(a.mean(0), covariance)
  np.testing.assert_allclose(stored.factor.T @ stored.factor, covariance, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
  ("mean", "covariance", "message"),
  [
    ([0, 0], [[1, 0], [0, -0.5]], "negative eigenvalue, -0.5"),
    ([0, 0], [[1, 0.3], [0, 1]], "not symmetric"),
    ([0, np.nan], np.eye(2), "not finite"),
    ([0, 0], [[1, 0], [0, np.inf]], "not finite"),
    ([0, 0], np.eye(3), r"shapes are \[2\] and \[3, 3\]"),
    ([[0, 0]], np.eye(2), r"shapes are \[1, 2\] and \[2, 2\]"),
  ],
)
def test_what_is_no_gaussian_is_refused(mean, covariance, message):
  with pytest.raises(ValueError, match=message):
    gaussian_from_moments(np.array(mean), np.array(covariance))


def test_the_first_row_that_is_not_finite_is_named():
  good, bad = np.ones((20, 4)), np.ones((20, 4))
  bad[7, 2], bad[11, 0] = np.nan, np.inf
  with pytest.raises(ValueError, match="first set is not finite: the first such row is 7"):
    frechet_distance(bad, good)
  with pytest.raises(ValueError, match="second set is not finite: the first such row is 7"):
    frechet_distance(good, bad)
  with pytest.raises(ValueError, match="row is 7"):
    fit_gaussian(bad)


def test_a_single_row_is_refused():
  with pytest.raises(ValueError, match="at least 2 rows; it has 1"):
    frechet_distance(np.ones((5, 3)), np.ones((1, 3)))


def test_different_numbers_of_features_are_refused():
  with pytest.raises(ValueError, match="differ in features: 3 and 4"):
    frechet_distance(np.ones((5, 3)), np.ones((5, 4)))
  with pytest.raises(ValueError, match="differ in features: 3 and 4"):
    frechet_between(fit_gaussian(np.ones((5, 3))), fit_gaussian(np.ones((5, 4))))


def test_one_axis_is_no_feature_matrix():
  with pytest.raises(ValueError, match=r"the shape is \[5\]"):
    fit_gaussian(np.ones(5))
