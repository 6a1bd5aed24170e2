import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.augment import KINDS, WAITING, augment

KEY = jax.random.key(0)
IMAGES = np.random.default_rng(0).uniform(-1, 1, (64, 16, 16, 3)).astype(np.float32)


def test_nothing_asked_for_changes_nothing():
  np.testing.assert_array_equal(augment(IMAGES, (), KEY, None), IMAGES)


def test_a_moved_image_is_the_image_moved_by_whole_pixels_with_zeros_coming_in():
  moved = np.asarray(augment(IMAGES, ("translation",), KEY, None))
  shifts = []
  for before, after in zip(IMAGES, moved, strict=True):
    padded = np.pad(before, ((2, 2), (2, 2), (0, 0)))
    # An eighth of 16 pixels: every image is one of these 5 · 5, to the bit.
    found = [
      (i - 2, j - 2)
      for i in range(5)
      for j in range(5)
      if np.array_equal(padded[i : i + 16, j : j + 16], after)
    ]
    assert len(found) == 1
    shifts += found
  # 64 draws out of 25 places: each row and column offset turns up.
  assert {i for i, _ in shifts} == {j for _, j in shifts} == {-2, -1, 0, 1, 2}


def test_a_cut_out_is_a_zero_square_of_half_the_side_that_may_hang_over_the_edge():
  cut = np.asarray(augment(IMAGES, ("cutout",), KEY, None))
  sizes = set()
  for before, after in zip(IMAGES, cut, strict=True):
    rows, columns = np.nonzero((after == 0).all(axis=2))
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (after[box] == 0).all()
    rest = np.ones((16, 16), bool)
    rest[box] = False
    np.testing.assert_array_equal(after[rest], before[rest])
    sizes |= {np.ptp(rows) + 1, np.ptp(columns) + 1}
  # A centre in 0 … 16 leaves at least half of the 8 pixels inside, and at most all.
  assert sizes == {4, 5, 6, 7, 8}


def test_a_flipped_image_is_the_image_or_its_mirror_image_half_of_each():
  flipped = np.asarray(augment(IMAGES, ("flip",), KEY, None))
  mirrored = (flipped == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3))
  np.testing.assert_array_equal(flipped[~mirrored], IMAGES[~mirrored])
  assert abs(mirrored.mean() - 0.5) < 0.2  # three standard deviations of 64 coins


def test_colours_change_by_brightness_saturation_and_contrast():
  changed = np.asarray(augment(IMAGES, ("color",), KEY, None), np.float64)
  for before, after in zip(IMAGES.astype(np.float64), changed, strict=True):
    # Brightness moves the mean by up to half; contrast and saturation keep it.
    assert abs(after.mean() - before.mean()) <= 0.5 + 1e-5
    gray_before, gray_after = before.mean(axis=2), after.mean(axis=2)
    # Brightness and saturation keep differences between gray levels, contrast scales them all.
    contrast = np.ptp(gray_after) / np.ptp(gray_before)
    assert 0.5 <= contrast <= 1.5
    np.testing.assert_allclose(
      gray_after - gray_after.mean(), contrast * (gray_before - gray_before.mean()), atol=1e-4
    )
    colour_before = before - gray_before[..., None]
    colour_after = after - gray_after[..., None]
    saturation = np.sum(colour_after * colour_before) / np.sum(colour_before**2) / contrast
    assert 0 <= saturation <= 2
    np.testing.assert_allclose(colour_after, contrast * saturation * colour_before, atol=1e-4)


def test_gray_images_stay_gray():
  gray = np.repeat(IMAGES[..., :1], 3, axis=3)
  changed = np.asarray(augment(gray, KINDS, KEY, None))
  np.testing.assert_allclose(changed, np.repeat(changed[..., :1], 3, axis=3), atol=1e-6)
  # A single channel is the same image.
  np.testing.assert_allclose(
    augment(IMAGES[..., :1], KINDS, KEY, None), changed[..., :1], atol=1e-6
  )


@pytest.mark.parametrize("kind", KINDS)
def test_images_change_each_in_its_own_way_and_by_the_key_alone(kind):
  same = np.broadcast_to(IMAGES[:1], IMAGES.shape)
  once, again, other = (
    np.asarray(augment(same, (kind,), key, None)) for key in (KEY, KEY, jax.random.key(1))
  )
  np.testing.assert_array_equal(once, again)
  assert not np.array_equal(once, other)
  ways = {"flip": 2}.get(kind, 11)
  assert len({image.tobytes() for image in once}) >= ways


@pytest.mark.parametrize("kind", WAITING)
def test_each_image_is_changed_as_always_or_not_at_all_with_the_share_s_probability(kind):
  always = np.asarray(augment(IMAGES, (kind,), KEY, None))
  some = np.asarray(augment(IMAGES, (kind,), KEY, None, jnp.float32(0.25)))
  left = np.array([np.array_equal(*pair) for pair in zip(some, IMAGES, strict=True)])
  np.testing.assert_array_equal(some[~left], always[~left])
  # Of 64 images a quarter is chosen: 16, give or take three standard deviations of 3.5.
  assert 6 <= np.count_nonzero(~left) <= 26


def test_a_share_of_none_or_all_is_no_image_or_every_one():
  none, every = (augment(IMAGES, WAITING, KEY, None, jnp.float32(share)) for share in (0.0, 1.0))
  np.testing.assert_array_equal(none, IMAGES)
  np.testing.assert_array_equal(every, augment(IMAGES, WAITING, KEY, None))


def test_flips_wait_for_no_share():
  flipped = augment(IMAGES, ("flip",), KEY, None)
  np.testing.assert_array_equal(augment(IMAGES, ("flip",), KEY, None, jnp.float32(0.0)), flipped)


def test_the_gradient_reaches_the_pixels_that_are_left():
  # Of the sum of what is left, the gradient is 1 at each pixel still seen, and 0 elsewhere.
  gradient = jax.grad(lambda x: jnp.sum(augment(x, ("translation", "cutout"), KEY, None)))(IMAGES)
  assert set(np.unique(gradient)) == {0.0, 1.0}


def test_devices_change_their_share_as_one_device_changes_all():
  half = jnp.float32(0.5)
  parts = jax.vmap(lambda x: augment(x, KINDS, KEY, "device", half), axis_name="device")(
    IMAGES.reshape(8, 8, 16, 16, 3)
  )
  np.testing.assert_allclose(
    np.asarray(parts).reshape(IMAGES.shape), augment(IMAGES, KINDS, KEY, None, half), atol=1e-5
  )
