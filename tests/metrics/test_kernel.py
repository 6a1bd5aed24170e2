import numpy as np
import pytest

from dcgan_jax.metrics.kernel import kernel_distance


def test_two_points_each_by_hand():
  a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
  # (xy + 1)³. Within a: k(0, 1) = 1. Within b: k(1, 2) = 27. Each stands for both of its orders, so
  # the means off the diagonal are 1 and 27. Across: k(0,1) = 1, k(0,2) = 1, k(1,1) = 8,
  # k(1,2) = 27, with mean 37/4. In all 1 + 27 − 2 · 37/4 = 9.5.
  result = kernel_distance(a, b, rng=np.random.default_rng(0), subset_size=2, subsets=3)
  assert result.value == pytest.approx(9.5, rel=1e-12)
  assert result.standard_error == pytest.approx(0, abs=1e-12)  # each subset is the whole set


def test_the_inner_product_is_divided_by_the_number_of_features():
  # The same numbers twice over: the sum doubles, and so does d.
  a, b = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [2.0, 2.0]])
  result = kernel_distance(a, b, rng=np.random.default_rng(0), subset_size=2, subsets=3)
  assert result.value == pytest.approx(9.5, rel=1e-12)


def test_it_is_unbiased_and_so_can_be_negative():
  # 300 independent pairs of sets from one distribution: about as many below 0 as above.
  rng = np.random.default_rng(1)
  values = np.array(
    [
      kernel_distance(*rng.normal(size=(2, 20, 3)), rng=rng, subset_size=20, subsets=2).value
      for _ in range(300)
    ]
  )
  assert abs(values.mean()) < 3 * values.std() / np.sqrt(300)
  assert values.min() < 0 < values.max()


def test_halves_of_one_set_are_within_the_error_of_0():
  features = np.random.default_rng(2).normal(size=(1000, 16))
  result = kernel_distance(features[:500], features[500:], rng=np.random.default_rng(3))
  assert abs(result.value) < 3 * result.standard_error


def test_a_shift_is_seen():
  a, b = np.random.default_rng(4).normal(size=(2, 500, 16))
  result = kernel_distance(a, b + 0.5, rng=np.random.default_rng(5))
  assert result.value > 10 * result.standard_error > 0


def test_the_error_counts_disjoint_subsets_only():
  # 1,000 rows hold 4 subsets of 250 apart from each other: more draws must not shrink the error.
  a, b = np.random.default_rng(6).normal(size=(2, 1000, 8))
  few, many = (
    kernel_distance(a, b + 0.3, rng=np.random.default_rng(7), subset_size=250, subsets=subsets)
    for subsets in (50, 800)
  )
  assert many.standard_error == pytest.approx(few.standard_error, rel=0.3)


@pytest.mark.parametrize(("n", "m", "expected"), [(40, 90, 20), (90, 41, 20), (2500, 2100, 1000)])
def test_the_default_subset_is_half_of_the_smaller_set_or_1000(n, m, expected):
  result = kernel_distance(
    np.zeros((n, 1)), np.zeros((m, 1)), rng=np.random.default_rng(0), subsets=2
  )
  assert (result.subset_size, result.subsets) == (expected, 2)


def test_a_seed_repeats_it():
  a, b = np.random.default_rng(8).normal(size=(2, 60, 4))
  first, second, other = (
    kernel_distance(a, b, rng=np.random.default_rng(seed), subsets=5) for seed in (9, 9, 10)
  )
  assert first == second != other


def test_float32_features_are_compared_in_float64():
  # At 1000 the kernel is about 1e18: in float32 the sums would keep 7 of these digits.
  a, b = (1000 + np.random.default_rng(11).normal(size=(2, 50, 4))).astype(np.float32)
  narrow = kernel_distance(a, b, rng=np.random.default_rng(12), subsets=3)
  wide = kernel_distance(a.astype(float), b.astype(float), rng=np.random.default_rng(12), subsets=3)
  assert narrow == wide


@pytest.mark.parametrize("size", [1, 31])
def test_a_subset_of_one_or_larger_than_a_set_is_refused(size):
  a, b = np.zeros((30, 2)), np.zeros((50, 2))
  with pytest.raises(ValueError, match=f"subset of {size} rows .* smaller set's 30"):
    kernel_distance(a, b, rng=np.random.default_rng(0), subset_size=size)


def test_sets_too_small_for_a_default_are_refused():
  with pytest.raises(ValueError, match="subset of 1 rows"):
    kernel_distance(np.zeros((3, 2)), np.zeros((50, 2)), rng=np.random.default_rng(0))


def test_one_subset_is_refused():
  sets = np.zeros((2, 30, 2))
  with pytest.raises(ValueError, match="at least 2 subsets; subsets is 1"):
    kernel_distance(*sets, rng=np.random.default_rng(0), subsets=1)


def test_what_is_not_finite_or_not_alike_is_refused():
  a, b = np.zeros((30, 2)), np.zeros((30, 2))
  b[4, 1] = np.nan
  with pytest.raises(ValueError, match="second set is not finite: the first such row is 4"):
    kernel_distance(a, b, rng=np.random.default_rng(0))
  with pytest.raises(ValueError, match="differ in features: 2 and 3"):
    kernel_distance(a, np.zeros((30, 3)), rng=np.random.default_rng(0))
