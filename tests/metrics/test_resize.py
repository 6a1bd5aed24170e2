import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf

from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.resize import to_inception

BOTH = pytest.mark.parametrize("resize", list(Resize))


def pixels(values, resize, size):
  """The resized image as pixel values of 0 to 255 again, without batch and channel axes."""
  scaled = np.asarray(to_inception(jnp.array(values, jnp.uint8)[None, ..., None], resize, size))
  back = scaled * 128 + 128 if resize is Resize.TENSORFLOW else (scaled + 1) / 2 * 255
  return back[0, :, :, 0]


# 48 and 64 as data sets here have them, one that shrinks, one that stays, one that is no square.
@pytest.mark.parametrize("shape", [(48, 48), (64, 64), (400, 400), (299, 299), (97, 310)])
def test_the_tensorflow_convention_is_tensorflow_1s(shape):
  images = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
  resized = tf.compat.v1.image.resize_bilinear(images, (299, 299)).numpy()
  ours = to_inception(jnp.asarray(images), Resize.TENSORFLOW)
  # Two roundings to float32 around 255, over 128.
  np.testing.assert_allclose(ours, (resized - 128) / 128, rtol=0, atol=1e-6)


def test_tensorflow_1_counts_from_the_corner_of_the_first_pixel():
  # 2 to 4 pixels: new pixel i lies at i/2 = 0, ½, 1, 1½; beyond the last there is only the last.
  row = [0, 100]
  expected = [0, 50, 100, 100]
  np.testing.assert_allclose(pixels([row, row], Resize.TENSORFLOW, 4), [expected] * 4, atol=1e-4)


def test_pytorch_counts_from_the_pixels_centres():
  # 2 to 4 pixels: new pixel i lies at (i + ½)/2 − ½ = −¼, ¼, ¾, 1¼, held within the two.
  row = [0, 100]
  expected = [0, 25, 75, 100]
  np.testing.assert_allclose(pixels([row, row], Resize.PYTORCH, 4), [expected] * 4, atol=1e-4)


def test_nothing_widens_the_filter_when_shrinking():
  # 6 to 2 pixels, 3 old ones to a new one. TensorFlow takes those at 0 and 3; PyTorch those at the
  # centres, (i + ½)·3 − ½ = 1 and 4. The others leave no trace.
  row = [10, 20, 30, 40, 50, 60]
  image = [row] * 6
  np.testing.assert_allclose(pixels(image, Resize.TENSORFLOW, 2), [[10, 40]] * 2, atol=1e-4)
  np.testing.assert_allclose(pixels(image, Resize.PYTORCH, 2), [[20, 50]] * 2, atol=1e-4)


def test_rows_and_columns_are_treated_alike():
  image = np.random.default_rng(0).integers(0, 256, (1, 5, 5, 1), dtype=np.uint8)
  for resize in Resize:
    upright = to_inception(jnp.asarray(image), resize, 8)
    lying = to_inception(jnp.asarray(image.swapaxes(1, 2)), resize, 8)
    # Interpolated in another order.
    np.testing.assert_allclose(upright, lying.swapaxes(1, 2), rtol=0, atol=1e-6)


@BOTH
@pytest.mark.parametrize("value", [0, 37, 255])
def test_a_constant_image_stays_constant(resize, value):
  scaled = (value - 128) / 128 if resize is Resize.TENSORFLOW else 2 * value / 255 - 1
  image = jnp.full((1, 7, 5, 3), value, jnp.uint8)
  np.testing.assert_allclose(to_inception(image, resize), np.full((1, 299, 299, 3), scaled), 1e-6)


@BOTH
def test_an_image_of_the_wanted_size_is_only_scaled(resize):
  image = np.random.default_rng(0).integers(0, 256, (6, 6), dtype=np.uint8)
  np.testing.assert_allclose(pixels(image, resize, 6), image, atol=1e-4)


def test_the_ends_of_the_scales():
  ends = jnp.array([0, 255], jnp.uint8).reshape(1, 1, 2, 1)
  assert to_inception(ends, Resize.TENSORFLOW, 2)[0, 0, :, 0].tolist() == [-1, 127 / 128]
  assert to_inception(ends, Resize.PYTORCH, 2)[0, 0, :, 0].tolist() == [-1, 1]


@BOTH
def test_the_result_is_float32(resize):
  images = jnp.zeros((3, 4, 5, 1), jnp.uint8)
  result = to_inception(images, resize)
  assert (result.shape, result.dtype) == ((3, 299, 299, 1), jnp.float32)
