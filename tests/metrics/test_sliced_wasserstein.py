import numpy as np
import pytest

from dcgan_jax.metrics import sliced_wasserstein as module
from dcgan_jax.metrics.sliced_wasserstein import (
  laplacian_pyramid,
  sliced_wasserstein,
  wasserstein_1d,
)


def photographs(count, seed=0, side=48):
  """Gray images in [60, 190] with structure at every scale: noise of 3, 6, 12, … pixels, added."""
  rng = np.random.default_rng(seed)
  images = np.zeros((count, side, side, 1))
  for cell in (3, 6, 12, 24):
    coarse = rng.uniform(-1, 1, (count, side // cell, side // cell, 1))
    images += coarse.repeat(cell, axis=1).repeat(cell, axis=2)
  return np.round(125 + 16 * images).astype(np.uint8)


def test_a_set_is_at_no_distance_from_itself():
  images = photographs(20)
  result = sliced_wasserstein(images, images.copy(), seed=0)
  assert (result.value, result.levels, result.num_images) == (0.0, {48: 0.0, 24: 0.0}, 20)


def test_the_value_is_the_mean_over_the_levels():
  result = sliced_wasserstein(photographs(20), photographs(20, seed=1), seed=0)
  assert result.value == pytest.approx((result.levels[48] + result.levels[24]) / 2, rel=1e-12)


def test_swapping_the_sets_changes_nothing():
  a, b = photographs(30), photographs(20, seed=1)
  assert sliced_wasserstein(a, b, seed=3) == sliced_wasserstein(b, a, seed=3)


def test_the_result_depends_on_images_and_seed_alone():
  a, b = photographs(20), photographs(20, seed=1)
  assert sliced_wasserstein(a, b, seed=0) == sliced_wasserstein(a, b, seed=0)
  assert sliced_wasserstein(a, b, seed=0) != sliced_wasserstein(a, b, seed=1)


def test_fine_noise_shows_most_at_full_resolution():
  clean = photographs(200)
  noise = np.random.default_rng(9).normal(0, 8, clean.shape)
  noisy = np.round(clean + noise).clip(0, 255).astype(np.uint8)
  floor = sliced_wasserstein(clean, photographs(200, seed=1), seed=0).levels
  levels = sliced_wasserstein(clean, noisy, seed=0).levels
  # The 5×5 filter keeps Σ taps² = (70/256)² = 7 % of white noise's variance for the level below.
  assert levels[48] > 2 * levels[24]
  assert levels[48] > 2 * floor[48]


def test_blur_shows_most_at_full_resolution():
  clean = photographs(200)
  padded = np.pad(clean.astype(float), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
  shifted = [padded[:, i : i + 48, j : j + 48] for i in range(3) for j in range(3)]
  blurred = np.round(np.mean(shifted, axis=0)).astype(np.uint8)
  floor = sliced_wasserstein(clean, photographs(200, seed=1), seed=0).levels
  levels = sliced_wasserstein(clean, blurred, seed=0).levels
  assert levels[48] > 2 * levels[24]
  assert levels[48] > 2 * floor[48]


def test_brightness_that_varies_between_images_shows_at_the_coarse_level_only():
  images = photographs(50)
  offsets = np.random.default_rng(9).integers(-60, 60, (50, 1, 1, 1))
  levels = sliced_wasserstein(images, (images + offsets).astype(np.uint8), seed=0).levels
  # A band of detail is a difference: an image's own constant cancels in it, here without rounding.
  assert levels[48] == 0
  assert levels[24] > 50


def test_one_brightness_for_the_whole_set_is_not_seen():
  images = photographs(50)
  # The paper's normalisation takes each set's own mean away. What is left is float32 rounding:
  # 1000 · 2⁻²⁴ · 250 / (deviation of 10 or more) is under 0.01.
  assert sliced_wasserstein(images, images + np.uint8(60), seed=0).value < 0.01


def test_constant_sets_are_alike_and_unlike_any_other():
  black, white = (np.full((5, 48, 48, 3), level, np.uint8) for level in (0, 255))
  assert sliced_wasserstein(black, white, seed=0).value == 0
  noise = np.random.default_rng(0).integers(0, 256, black.shape, dtype=np.uint8)
  levels = sliced_wasserstein(black, noise, seed=0).levels
  assert all(np.isfinite(value) and value > 0 for value in levels.values())


def test_the_distance_of_flat_images_is_the_one_derived_by_hand():
  # At 16 pixels there is one level, the images themselves; a flat image's patches are flat. Each
  # set by its own mean and deviation: half black and half white are -1 and 1; a quarter black,
  # mean 3/4 and deviation √3/4, are -√3 and 1/√3. Rank by rank that is, on a line, the distance
  root = np.sqrt(3)
  line = ((root - 1) + (1 + 1 / root) + 2 * (1 - 1 / root)) / 4
  half, quarter = (
    np.repeat(np.uint8([0] * black + [255] * (40 - black)), 256).reshape(40, 16, 16, 1)
    for black in (20, 10)
  )
  # A unit direction u projects a flat patch of v to v Σu, and Σu is 7 times u's component along the
  # diagonal of 49 dimensions, about N(0, 1/49): |Σu| has mean √(2/π), over 128 directions ± 7 %.
  expected = 1000 * line * np.sqrt(2 / np.pi)
  found = [sliced_wasserstein(half, quarter, seed=seed).value for seed in range(4)]
  assert np.mean(found) == pytest.approx(expected, rel=0.1)  # three deviations of the mean of four


def test_a_shift_on_a_line_is_the_distance_whatever_the_order():
  assert wasserstein_1d(np.array([3.0, 0.0, 1.0]), np.array([6.0, 8.0, 5.0])) == 5


def test_distance_on_a_line_pairs_values_by_rank():
  # First line: 0 and 0 to 1 and 3, (1 + 3) / 2 = 2. Second: 0 to 0 and 9 to 9; not 9 and 9.
  a, b = np.array([[0.0, 0.0], [0.0, 9.0]]), np.array([[3.0, 1.0], [9.0, 0.0]])
  assert wasserstein_1d(a, b).tolist() == [2, 0]


@pytest.mark.parametrize(
  ("shape", "levels"),
  [
    ((48, 48), [(48, 48), (24, 24)]),  # 12 would be under 16
    ((64, 64), [(64, 64), (32, 32), (16, 16)]),
    ((33, 40), [(33, 40), (17, 20)]),  # an odd side is halved upwards
    ((9, 200), [(9, 200)]),
  ],
)
def test_levels_are_halved_while_the_shorter_side_is_16_or_more(shape, levels):
  pyramid = laplacian_pyramid(np.zeros((2, *shape, 1), np.uint8))
  assert [level.shape[1:3] for level in pyramid] == levels


@pytest.mark.parametrize("shape", [(64, 64, 1), (33, 40, 3)])
def test_a_constant_image_has_no_detail_and_itself_at_the_lowest_level(shape):
  *details, lowest = laplacian_pyramid(np.full((2, *shape), 77, np.uint8))
  assert all((detail == 0).all() for detail in details)
  assert (lowest == 77).all()


def test_a_ramp_has_no_detail_away_from_the_edges():
  # The filter is symmetric with sum 1 and treats even and odd pixels alike, so it keeps x as x.
  ramp = np.broadcast_to(np.arange(48, dtype=np.uint8)[None, :, None], (48, 48, 1))[None]
  detail, coarse = laplacian_pyramid(ramp)
  assert (detail[:, 6:-6, 6:-6] == 0).all()
  assert (coarse[0, 3:-3, 3:-3, 0] == 2 * np.arange(3, 21)).all()


def test_an_impulse_leaves_the_filters_own_numbers():
  image = np.zeros((1, 48, 48, 1), np.uint8)
  image[0, 24, 20, 0] = 1
  detail, coarse = laplacian_pyramid(image)
  # Along one side the taps (1, 4, 6, 4, 1)/16 leave 1/16, 6/16, 1/16 at every second pixel …
  line = np.array([1, 6, 1]) / 16
  np.testing.assert_array_equal(coarse[0, 11:14, 9:12, 0], np.outer(line, line))
  # … of which twice the taps give back (1·1 + 6·6 + 1·1) · 2/256 = 19/64 in the middle.
  assert detail[0, 24, 20, 0] == 1 - (19 / 64) ** 2


def test_the_larger_set_is_cut_to_the_smaller():
  assert sliced_wasserstein(photographs(12), photographs(7), seed=0).num_images == 7


def test_at_most_2048_images_are_compared():
  images = np.random.default_rng(0).integers(0, 256, (2050, 7, 7, 1), dtype=np.uint8)
  result = sliced_wasserstein(images, images, seed=0)
  assert result.num_images == 2048
  assert list(result.levels) == [7]


def test_blocks_of_any_size_take_the_same_patches(monkeypatch):
  a, b = photographs(20), photographs(20, seed=1)
  whole = sliced_wasserstein(a, b, seed=0)
  monkeypatch.setattr(module, "_BLOCK_BYTES", 4 * 48 * 48 * 3)  # 3 images; 5 directions
  parts = sliced_wasserstein(a, b, seed=0)
  # The same patches and directions; a matrix product of another shape may round otherwise.
  assert parts.levels == pytest.approx(whole.levels, rel=1e-5)


@pytest.mark.parametrize(
  ("fake", "message"),
  [
    (np.full((3, 48, 48, 1), np.nan, np.float32), "fake: expected uint8 images, not float32"),
    (np.zeros((3, 48, 40, 1), np.uint8), "differ in shape"),
    (np.zeros((3, 48, 48, 3), np.uint8), "differ in shape"),
    (np.zeros((1, 48, 48, 1), np.uint8), "fake: expected at least 2 images, not 1"),
    (np.zeros((3, 48, 48), np.uint8), "expected .n, height, width, 1 or 3."),
    (np.zeros((3, 6, 48, 1), np.uint8), "hold no 7×7 patch"),
  ],
)
def test_what_cannot_be_compared_is_refused(fake, message):
  with pytest.raises(ValueError, match=message):
    sliced_wasserstein(photographs(3), fake, seed=0)
