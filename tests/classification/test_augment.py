import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.classification import augment as augmentation
from dcgan_jax.classification.augment import ERASED_SIDES

augment, erase, move = (
  jax.jit(function) for function in (augmentation.augment, augmentation.erase, augmentation.move)
)

STILL = jnp.zeros(2)


def picture(rows):
  return jnp.array(rows, jnp.float32)[..., None]


def test_nothing_to_do_changes_nothing():
  pixels = jax.random.uniform(jax.random.key(0), (16, 16, 3))
  moved = move(pixels, STILL, jnp.zeros(()), jnp.ones(()))
  np.testing.assert_allclose(moved, pixels, atol=1e-6)


def test_a_shift_goes_down_and_right_and_repeats_the_edge():
  # A third of 3 rows is one row down; the top row is its own predecessor.
  down = move(picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), jnp.array([1 / 3, 0]), 0.0, 1.0)
  np.testing.assert_allclose(down[..., 0], [[1, 2, 3], [1, 2, 3], [4, 5, 6]], atol=1e-5)
  right = move(picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), jnp.array([0, 1 / 3]), 0.0, 1.0)
  np.testing.assert_allclose(right[..., 0], [[1, 1, 2], [4, 4, 5], [7, 7, 8]], atol=1e-5)


def test_half_a_pixel_lies_between_its_neighbours():
  moved = move(picture([[0, 2, 4, 6]] * 4), jnp.array([0, 0.125]), 0.0, 1.0)
  np.testing.assert_allclose(moved[0, :, 0], [0, 1, 3, 5], atol=1e-5)


def test_a_quarter_turn_is_clockwise():
  pixels = jax.random.uniform(jax.random.key(0), (5, 5, 1))
  turned = move(pixels, STILL, jnp.pi / 2, 1.0)
  np.testing.assert_allclose(turned[..., 0], np.rot90(pixels[..., 0], k=-1), atol=1e-5)


def test_twice_the_scale_shows_the_middle_half():
  # Around the centre 1.5, pixel x shows what was at 1.5 + (x - 1.5) / 2: 0.75, 1.25, 1.75, 2.25.
  enlarged = move(picture([[0, 1, 2, 3]] * 4), STILL, 0.0, 2.0)
  np.testing.assert_allclose(enlarged[0, :, 0], [0.75, 1.25, 1.75, 2.25], atol=1e-5)


def test_erasing_leaves_one_rectangle_of_the_mean_half_of_the_time():
  pixels = jnp.arange(32.0 * 32).reshape(32, 32, 1)  # no pixel equals the mean, 511.5
  keys = jax.random.split(jax.random.key(0), 400)
  results = np.asarray(jax.vmap(lambda key: erase(pixels, key))(keys))[..., 0]
  hidden = results != np.asarray(pixels)[None, ..., 0]
  assert (results[hidden] == 511.5).all()
  # 400 tosses: the standard deviation is 10. Rectangles are at least 4 pixels wide, so none is
  # lost unless its centre is at an edge, and even then half of it remains.
  assert 150 < hidden.any(axis=(1, 2)).sum() < 250
  longest = ERASED_SIDES[1] * 32 + 1
  for one in hidden[hidden.any(axis=(1, 2))]:
    rows, columns = np.flatnonzero(one.any(axis=1)), np.flatnonzero(one.any(axis=0))
    assert one[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert one.sum() == len(rows) * len(columns)
    assert max(len(rows), len(columns)) <= longest


def test_half_of_the_images_are_mirrored():
  # Dark on the left, bright on the right: neither moving nor erasing swaps the halves.
  pixels = jnp.broadcast_to(jnp.linspace(-1, 1, 32)[None, :, None], (32, 32, 1))
  keys = jax.random.split(jax.random.key(0), 200)
  results = jax.vmap(lambda key: augment(pixels, key))(keys)
  mirrored = np.asarray(results[:, :, :16].mean(axis=(1, 2, 3)) > 0)
  assert 70 < mirrored.sum() < 130  # standard deviation 7


def test_pixels_stay_within_the_image_and_the_key_decides():
  pixels = jax.random.uniform(jax.random.key(0), (16, 16, 3), minval=-1.0)
  results = [augment(pixels, jax.random.key(seed)) for seed in (1, 1, 2)]
  np.testing.assert_array_equal(results[0], results[1])
  assert not np.array_equal(results[0], results[2])
  for result in results:
    assert result.shape == pixels.shape
    assert pixels.min() - 1e-6 <= result.min()
    assert result.max() <= pixels.max() + 1e-6
