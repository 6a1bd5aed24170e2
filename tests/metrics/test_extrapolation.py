import numpy as np
import pytest

from dcgan_jax.metrics.extrapolation import extrapolate, frechet_infinity, subset_sizes
from dcgan_jax.metrics.frechet import fit_gaussian, frechet_between, gaussian_from_moments


def standard(width):
  """The standard normal itself, as if fitted to endless samples."""
  return gaussian_from_moments(np.zeros(width), np.eye(width))


def test_points_on_a_line_give_its_intercept_and_no_error():
  sizes = [8000, 4000, 2000]
  line = extrapolate(sizes, [3 + 700 / size for size in sizes])
  assert line.value == pytest.approx(3.0, rel=1e-12)
  assert line.standard_error == pytest.approx(0, abs=1e-9)


def test_the_error_is_that_of_a_least_squares_intercept():
  # x = 1, 1/2, 0 after scaling by 2: with y = 1, 0, 1 the line is flat at 2/3, residuals 1/3, −2/3,
  # 1/3, variance (1+4+1)/9 over 1 degree of freedom = 2/3. Σ(x−½)² = ½, so the intercept's variance
  # is 2/3 · (1/3 + ¼ / ½) = 5/9. Sizes 1, 2 and endless stand for these x.
  line = extrapolate([1, 2, 10**15], [1.0, 0.0, 1.0])
  assert line.value == pytest.approx(2 / 3)
  assert line.standard_error == pytest.approx(np.sqrt(5) / 3)


def test_sizes_are_evenly_spaced_in_their_inverse():
  # 12,000 divided by 1, 1.75, 2.5, 3.25 and 4.
  assert subset_sizes(12_000, 5) == [12_000, 6857, 4800, 3692, 3000]


def test_equal_distributions_come_out_at_0_where_plain_fid_does_not():
  features = np.random.default_rng(0).normal(size=(6000, 32))
  result = frechet_infinity(features, standard(32), rng=np.random.default_rng(1))
  assert abs(result.value) < 4 * result.standard_error
  # The bias of the full set is far above the error.
  assert result.distances[0] > 4 * result.standard_error


def test_the_intercept_is_nearer_to_the_truth_than_plain_fid():
  # Scaled by 1.1 about the same mean: (1.1 − 1)² in each of 64 features, 0.64 in all.
  features = 1.1 * np.random.default_rng(2).normal(size=(5000, 64))
  result = frechet_infinity(features, standard(64), rng=np.random.default_rng(3))
  assert abs(result.value - 0.64) < abs(result.distances[0] - 0.64) / 4


def test_the_largest_subset_is_the_whole_set():
  features = np.random.default_rng(4).normal(size=(5000, 16))
  reference = standard(16)
  result = frechet_infinity(features, reference, rng=np.random.default_rng(5), points=3)
  assert result.sizes == (5000, 2000, 1250)
  plain = frechet_between(fit_gaussian(features), reference)
  assert result.distances[0] == pytest.approx(plain, rel=1e-9)


def test_a_seed_repeats_it():
  features = np.random.default_rng(6).normal(size=(5000, 16))
  first, second = (
    frechet_infinity(features, standard(16), rng=np.random.default_rng(7)) for _ in range(2)
  )
  assert first == second


def test_too_few_images_are_refused_in_words_for_a_table():
  with pytest.raises(ValueError, match=r"^needs 5,000 images, has 4,999$"):
    frechet_infinity(np.zeros((4999, 4)), standard(4), rng=np.random.default_rng(0))


def test_two_points_are_refused():
  with pytest.raises(ValueError, match="at least 3 points; points is 2"):
    frechet_infinity(np.zeros((5000, 4)), standard(4), rng=np.random.default_rng(0), points=2)


def test_what_no_distance_takes_is_refused():
  features = np.zeros((5000, 4))
  with pytest.raises(ValueError, match="differ in features: 4 and 5"):
    frechet_infinity(features, standard(5), rng=np.random.default_rng(0))
  features[1234, 0] = np.nan
  with pytest.raises(ValueError, match="row is 1234"):
    frechet_infinity(features, standard(4), rng=np.random.default_rng(0))
