import numpy as np
import pytest

from dcgan_jax.metrics import prdc as module
from dcgan_jax.metrics.prdc import prdc


def line(*places):
  """Points on the line, float64 [n, 1]."""
  return np.array(places, np.float64)[:, None]


def test_a_line_by_hand_with_one_neighbour():
  # Reals 0, 1, 3, 7 reach 1, 1, 2, 4: as open intervals (−1, 1), (0, 2), (1, 5), (3, 11).
  # Fakes 0.5, 4, 20 reach 3.5, 3.5, 16: as closed intervals [−3, 4], [0.5, 7.5], [4, 36].
  # Precision: 0.5 and 4 are within a real interval, 20 is not: 2/3.
  # Recall: 0, 1, 3 and 7 are all within a fake interval: 1.
  # Density: 0.5 is within two, 4 within two, 20 within none: 4/3.
  # Coverage: each interval holds 0.5 or 4: 1.
  result = prdc(line(0, 1, 3, 7), line(0.5, 4, 20), neighbours_precision=1, neighbours_density=1)
  assert result == pytest.approx((2 / 3, 1, 4 / 3, 1))


def test_the_kth_neighbour_does_not_count_the_point_itself():
  # The second others are 50, 49 and 50 away, so −30 lies within reach of 0. With the point itself
  # counted the reaches would be 1, 1 and 49, and −30 outside of all.
  real = line(0, 1, 50)
  result = prdc(real, line(-30, -31, -32), neighbours_precision=2, neighbours_density=2)
  assert result.precision == 1


def test_the_boundary_belongs_to_precision_and_recall_alone():
  # Reals 0 and 1 reach 1, fakes 2 and 3 reach 1. Only 1 and 2 are as near as that, and on the edge:
  # precision ½ (fake 2), recall ½ (real 1); open neighbourhoods hold nothing.
  result = prdc(line(0, 1), line(2, 3), neighbours_precision=1, neighbours_density=1)
  assert result == (0.5, 0.5, 0, 0)


def test_boundaries_are_found_though_rounding_hides_them():
  # 0.1 · 3 − 0.1 · 2 is not 0.1 in floating point: the case above, scaled and far from 0.
  real, fake = 1000 + 0.1 * line(0, 1), 1000 + 0.1 * line(2, 3)
  result = prdc(real, fake, neighbours_precision=1, neighbours_density=1)
  assert result == (0.5, 0.5, 0, 0)


def test_identical_sets_are_precise_recalled_and_covered():
  features = np.random.default_rng(0).normal(size=(300, 32))
  result = prdc(features, features)
  assert (result.precision, result.recall, result.coverage) == (1, 1, 1)


def test_a_copy_has_the_density_that_counting_gives():
  # Each real neighbourhood holds its own centre and its 4 nearest, the fifth is on the edge: 5 in
  # all, so n · 5 pairs over 5 n. A tie broken by rounding would shift it.
  features = np.random.default_rng(1).normal(size=(300, 32)).astype(np.float32)
  assert prdc(features, features[::-1]).density == 1


def test_far_sets_share_nothing():
  real, fake = np.random.default_rng(2).normal(size=(2, 50, 8))
  assert prdc(real, fake + 1000) == (0, 0, 0, 0)


def test_one_repeated_real_image_is_precise_and_covers_only_its_place():
  # A collapsed generator: reach 0, so of the 50 reals it recalls the one it repeats.
  real = np.random.default_rng(3).normal(size=(50, 64)) + 5
  result = prdc(real, real[[17] * 20])
  assert (result.precision, result.recall) == (1, 1 / 50)
  # It covers those that have it among their 4 nearest (the fifth is the edge), and itself.
  distances = np.linalg.norm(real - real[17], axis=1)
  reach = np.sort(np.linalg.norm(real[:, None] - real, axis=2), axis=1)[:, 5]
  strictly_within = np.sum(distances < reach * (1 - 1e-9))
  assert result.coverage == strictly_within / 50


def test_one_far_real_makes_fakes_precise_but_not_dense():
  # Naeem et al. 2020, Fig. 1: the far real reaches back to the others, so fakes halfway are
  # precise. Each is in that one neighbourhood alone: density 1/k.
  rng = np.random.default_rng(4)
  real = np.concatenate([rng.normal(size=(100, 2)), [[100.0, 0]]])
  fake = np.array([50.0, 0]) + rng.normal(size=(40, 2))
  result = prdc(real, fake)
  assert result.precision == 1
  assert result.density == pytest.approx(1 / 5)


def test_the_definitions_written_out():
  rng = np.random.default_rng(5)
  real, fake = rng.normal(size=(80, 6)), 0.8 * rng.normal(size=(70, 6))

  def distances(x, y):
    return np.linalg.norm(x[:, None] - y, axis=2)

  def reach(x, k):
    return np.sort(distances(x, x), axis=1)[:, k]  # rank 0 is the point itself

  across = distances(fake, real)
  inside = across < reach(real, 5)
  assert prdc(real, fake) == pytest.approx(
    (
      (across <= reach(real, 3)).any(axis=1).mean(),
      (across <= reach(fake, 3)[:, None]).any(axis=0).mean(),
      inside.sum() / (5 * 70),
      inside.any(axis=0).mean(),
    )
  )


@pytest.mark.parametrize("rows", [1, 7, 150])
def test_the_size_of_blocks_does_not_matter(monkeypatch, rows):
  rng = np.random.default_rng(6)
  real, fake = rng.normal(size=(100, 24)), rng.normal(size=(150, 24))
  fake[:30] = real[:30]  # ties, which must not depend on the block either
  expected = prdc(real, fake)
  monkeypatch.setattr(module, "BLOCK_ROWS", rows)
  assert prdc(real, fake) == expected


def test_moving_both_sets_far_away_changes_nothing():
  real, fake = np.random.default_rng(7).normal(size=(2, 100, 24))
  assert prdc(real + 1e5, fake + 1e5) == prdc(real, fake)


def test_sets_with_too_few_neighbours_are_refused():
  five, six = np.zeros((5, 2)), np.zeros((6, 2))
  with pytest.raises(ValueError, match="the real set needs at least 6 rows; it has 5"):
    prdc(five, six)
  with pytest.raises(ValueError, match="the fake set needs at least 4 rows; it has 3"):
    prdc(six, six[:3])


def test_no_neighbours_are_refused():
  with pytest.raises(ValueError, match="neighbours must be at least 1"):
    prdc(np.zeros((9, 2)), np.zeros((9, 2)), neighbours_precision=0)


def test_what_is_not_finite_or_not_alike_is_refused():
  good, bad = np.zeros((9, 2)), np.zeros((9, 2))
  bad[4, 1] = np.nan
  with pytest.raises(ValueError, match="fake set is not finite: the first such row is 4"):
    prdc(good, bad)
  with pytest.raises(ValueError, match="differ in features: 2 and 3"):
    prdc(good, np.zeros((9, 3)))
