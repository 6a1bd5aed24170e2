import numpy as np
import pytest

from dcgan_jax.gan.sampling import (
  NotFiniteError,
  image_batches,
  make_sampler,
  sample_latents,
)
from dcgan_jax.gan.state import create_state, make_optimizer, weights
from dcgan_jax.models.build import build


@pytest.fixture
def generator(config):
  networks = build(config.model, (48, 48, 1))
  state = create_state(networks, make_optimizer(config.optimizer), 0)
  return make_sampler(networks), weights(state.generator)


def test_a_latent_depends_on_its_seed_and_index_alone():
  whole = sample_latents(seed=4, first=0, count=10, latent_size=5)
  np.testing.assert_array_equal(sample_latents(4, 7, 3, 5), whole[7:])
  assert not np.array_equal(sample_latents(5, 7, 3, 5), whole[7:])


def test_latents_are_standard_normal():
  latents = np.asarray(sample_latents(seed=0, first=0, count=2000, latent_size=50))
  # 100,000 draws: the mean has a standard error of 0.0032, the variance of sqrt(2/n) = 0.0045.
  assert abs(latents.mean()) < 5 * 0.0032
  assert abs(latents.var() - 1) < 5 * 0.0045


def test_asking_for_more_images_changes_none_of_the_first(generator):
  def draw(count, batch_size):
    options = {"seed": 1, "count": count, "latent_size": 8, "batch_size": batch_size}
    return list(image_batches(*generator, **options))

  few, many = draw(5, 4), draw(11, 4)
  assert [len(batch) for batch in few] == [4, 1]
  assert [len(batch) for batch in many] == [4, 4, 3]
  np.testing.assert_array_equal(np.concatenate(few), np.concatenate(many)[:5])


def test_images_are_gray_bytes(generator):
  (images,) = image_batches(*generator, seed=1, count=3, latent_size=8)
  assert images.shape == (3, 48, 48, 1)
  assert images.dtype == np.uint8


def test_images_of_finite_pixels_are_told_from_others(config):
  # The pixels are the weights here: one image of each row of latents, as it stands.
  class Copy:
    def apply(self, weights, latents, train):
      return (latents * weights).reshape(-1, 1, 2, 1)

  sample = make_sampler(build(config.model, (48, 48, 1))._replace(generator=Copy()))
  latents = np.float32([[0, 1], [np.nan, 0], [1, np.inf], [-1, 5]])
  images, finite = sample(np.float32(1), latents)
  assert finite.tolist() == [True, False, False, True]
  # 0 is the middle of 0 ... 255; what is beyond 1 is white.
  assert images[0].ravel().tolist() == [128, 255]
  assert images[3].ravel().tolist() == [0, 255]


def one_broken(index):
  """A sampler whose calls in turn give batches of 4, all finite but image `index` of all."""
  starts = iter(range(0, 100, 4))

  def sample(weights, latents):
    number = next(starts) + np.arange(len(latents))
    return np.zeros((len(latents), 2, 2, 1), np.uint8), number != index

  return sample


def test_the_first_image_that_is_not_finite_is_named():
  batches = image_batches(one_broken(6), None, seed=0, count=9, latent_size=2, batch_size=4)
  assert len(next(batches)) == 4
  with pytest.raises(NotFiniteError, match="sample 6 has pixels that are not finite"):
    next(batches)


def test_images_beyond_those_asked_for_may_be_anything():
  batches = image_batches(one_broken(6), None, seed=0, count=6, latent_size=2, batch_size=4)
  assert [len(batch) for batch in batches] == [4, 2]
