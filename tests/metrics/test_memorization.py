import numpy as np
import pytest

from dcgan_jax.figures import grid
from dcgan_jax.metrics.memorization import (
  held_out_distances,
  leave_group_out_distances,
  memorization,
  pairs_sheet,
)


def column(*values):
  return np.array(values, np.float64)[:, None]


def test_points_on_a_line():
  train = column(0, 10, 20)
  held_out = held_out_distances(column(2, 14, 26), train)
  assert held_out.tolist() == [2, 4, 6]
  result = memorization(column(1, 11, 15, 23, 0), train, held_out)
  # Samples lie 1, 1, 5, 3, 0 from 0, 10, 10, 20, 0: median 1, against 4.
  assert (result.sample_distance, result.held_out_distance, result.ratio) == (1, 4, 0.25)
  assert result.share_closer == 4 / 5  # 1, 1, 3 and 0 are within 4
  assert result.share_copies == 3 / 5  # 1, 1 and 0 within 2, the closest of three held-out images
  assert (result.neutral_closer, result.neutral_copies) == (2 / 3, 1 / 3)
  assert result.pairs.tolist() == [[4, 0], [0, 0], [1, 1], [3, 2], [2, 1]]


def test_a_copier_has_ratio_0_and_shares_of_1():
  rng = np.random.default_rng(0)
  train, test = rng.normal(size=(300, 16)), rng.normal(size=(100, 16))
  copies = train[rng.integers(0, 300, 500)]
  result = memorization(copies, train, held_out_distances(test, train))
  assert (result.ratio, result.share_closer, result.share_copies) == (0, 1, 1)


def test_fresh_draws_of_the_same_distribution_are_neutral():
  rng = np.random.default_rng(0)
  train, test, samples = (rng.normal(size=(2000, 8)) for _ in range(3))
  held_out = held_out_distances(test, train)
  result = memorization(samples, train, held_out)
  # Given the training set both kinds of distance are draws of one distribution. The share of 2,000
  # samples below a quantile p of 2,000 held-out ones has variance p(1 − p)(1/2000 + 1/2000), so
  # five deviations are at most 5 · 0.0158 = 0.08 at the median, and 5 · 0.00315 = 0.016 at 1 %.
  assert result.share_closer == pytest.approx(0.5, abs=0.08)
  assert result.share_copies == pytest.approx(0.01, abs=0.016)
  # So the samples' median lies between the 42nd and the 58th percentile of the held-out ones.
  low, high = np.quantile(held_out, [0.42, 0.58]) / np.median(held_out)
  assert 0.9 < low < result.ratio < high < 1.1


def test_distinct_held_out_distances_are_neutral_by_definition():
  result = memorization(column(0), column(0), np.arange(1.0, 201.0))
  # Of 200: 100 are up to the median, 100.5, and 2 up to the closest 1 %.
  assert (result.neutral_closer, result.neutral_copies) == (0.5, 0.01)


def test_a_split_that_leaks_gives_no_ratio_and_divides_by_nothing():
  train = column(0, 10)
  result = memorization(column(1, 0, 0), train, held_out_distances(column(0, 10, 10, 4), train))
  assert result.held_out_distance == 0
  assert result.ratio is None
  # Still, 2 of 3 samples are copies, as are 3 of 4 held-out images.
  assert (result.share_copies, result.neutral_copies) == (2 / 3, 3 / 4)


def test_duplicates_across_splits_do_not_hide_a_copier():
  # As in FER-2013, a few held-out images occur in train: the closest 1 % are at distance 0.
  held_out = np.concatenate([np.zeros(8), np.ones(92)])
  train = column(0, 10)
  copier = memorization(train, train, held_out)
  assert (copier.share_copies, copier.neutral_copies) == (1, 0.08)


def test_other_frames_of_the_same_subject_do_not_count():
  # 0 and 1 are one person's, as are 10 and 12: the nearest of another person is 10 from 0, ….
  frames, subjects = column(0, 1, 10, 12), ("S1", "S1", "S2", "S2")
  assert leave_group_out_distances(frames, subjects).tolist() == [10, 9, 9, 11]
  assert leave_group_out_distances(frames, np.array([1, 1, 2, 2])).tolist() == [10, 9, 9, 11]


def test_without_subjects_each_image_is_left_out_alone():
  assert leave_group_out_distances(column(0, 1, 10)).tolist() == [1, 1, 9]


def test_unknown_subjects_are_not_one_person():
  # The first two are of S1; the others, unknown, may be near each other.
  frames, subjects = column(0, 1, 10, 12), ("S1", "S1", "", "")
  assert leave_group_out_distances(frames, subjects).tolist() == [10, 9, 2, 2]


def test_one_subject_alone_is_refused():
  with pytest.raises(ValueError, match="every key is of its own group"):
    leave_group_out_distances(column(0, 1), ("S1", "S1"))


@pytest.mark.parametrize(
  ("held_out", "message"),
  [
    (np.array([]), "expected distances"),
    (np.zeros((2, 2)), "expected distances"),
    (np.array([1.0, np.nan]), "not finite"),
    (np.array([1.0, -1.0]), "negative"),
  ],
)
def test_held_out_values_that_are_no_distances_are_refused(held_out, message):
  with pytest.raises(ValueError, match=message):
    memorization(column(0), column(0), held_out)


def flat(*levels):
  """One 2×2 gray image for each level."""
  return np.array(levels, np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)


def test_the_sheet_shows_each_sample_left_of_its_training_image():
  samples, train = flat(1, 2), flat(11, 12)
  sheet = pairs_sheet(samples, train, np.array([[1, 0], [0, 1]]))
  # Two pairs, closest first: a square of 2 × 1 pairs.
  np.testing.assert_array_equal(sheet, grid(flat(2, 11, 1, 12), 2))


def test_the_sheet_prefers_training_images_it_has_not_shown():
  samples, train = flat(1, 2, 3), flat(11, 12)
  pairs = np.array([[0, 0], [1, 0], [2, 1]])
  np.testing.assert_array_equal(
    pairs_sheet(samples, train, pairs, count=2), grid(flat(1, 11, 3, 12), 2)
  )
  # The second sample comes back where there is room: 3 pairs, 2 in a row.
  np.testing.assert_array_equal(
    pairs_sheet(samples, train, pairs, count=3), grid(flat(1, 11, 3, 12, 2, 11), 4)
  )
