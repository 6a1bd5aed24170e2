import numpy as np

from dcgan_jax.gan.latents import sample_latents
from dcgan_jax.gan.sheet import make_sheet
from dcgan_jax.models.networks import Networks


def networks(num_classes):
  return Networks(None, None, 5, "normal", (48, 48, 1), num_classes)


def test_without_classes_a_sheet_shows_the_first_samples():
  sheet = make_sheet(networks(0), seed=2, count=9)
  np.testing.assert_array_equal(sheet.latents, sample_latents(2, 0, 9, networks(0)))
  assert sheet.classes.shape == (9, 0)
  assert sheet.columns is None


def test_with_classes_a_row_is_one_latent_as_every_class():
  sheet = make_sheet(networks(3), seed=2, count=8)
  assert sheet.columns == 3
  latents = np.asarray(sheet.latents).reshape(2, 3, 5)  # 8 samples are 2 whole rows of 3
  np.testing.assert_array_equal(latents[:, 0], sample_latents(2, 0, 2, networks(3)))
  np.testing.assert_array_equal(latents[:, 1], latents[:, 0])
  np.testing.assert_array_equal(latents[:, 2], latents[:, 0])
  np.testing.assert_array_equal(np.asarray(sheet.classes).reshape(2, 3, 3), [np.eye(3)] * 2)


def test_more_classes_than_samples_make_one_row():
  assert len(make_sheet(networks(10), seed=0, count=4).latents) == 10
