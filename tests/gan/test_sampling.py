import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.classes import always, as_in_training
from dcgan_jax.gan.sampling import (
  NotFiniteError,
  drawn,
  image_batches,
  listed,
  make_sampler,
)
from dcgan_jax.gan.state import create_state, make_optimizers, weights
from dcgan_jax.models.build import build


@pytest.fixture
def generator(config):
  networks = build(config.model, (48, 48, 1), 0)
  state = create_state(networks, make_optimizers(config.optimizer), 0)
  inputs = drawn(networks, 1, as_in_training(1, ()))
  return make_sampler(networks), weights(state.generator), inputs


def test_asking_for_more_images_changes_none_of_the_first(generator):
  def draw(count, batch_size):
    return list(image_batches(*generator, count=count, batch_size=batch_size))

  few, many = draw(5, 4), draw(11, 4)
  assert [len(batch) for batch in few] == [4, 1]
  assert [len(batch) for batch in many] == [4, 4, 3]
  np.testing.assert_array_equal(np.concatenate(few), np.concatenate(many)[:5])


def test_images_are_gray_bytes(generator):
  (images,) = image_batches(*generator, count=3)
  assert images.shape == (3, 48, 48, 1)
  assert images.dtype == np.uint8


def test_images_of_finite_pixels_are_told_from_others(config):
  # The pixels are the weights here: one image of each row of latents, as it stands.
  class Copy:
    def apply(self, weights, latents, classes, train):
      return (latents * weights).reshape(-1, 1, 2, 1)

  sample = make_sampler(build(config.model, (48, 48, 1), 0)._replace(generator=Copy()))
  latents = np.float32([[0, 1], [np.nan, 0], [1, np.inf], [-1, 5]])
  images, finite = sample(np.float32(1), latents, np.zeros((4, 0), np.float32))
  assert finite.tolist() == [True, False, False, True]
  # 0 is the middle of 0 ... 255; what is beyond 1 is white.
  assert images[0].ravel().tolist() == [128, 255]
  assert images[3].ravel().tolist() == [0, 255]


def broken_batches(index, count, config):
  """`count` images in batches of 4, all finite but image `index`."""
  starts = iter(range(0, 100, 4))

  def sample(weights, latents, classes):
    number = next(starts) + np.arange(len(latents))
    return np.zeros((len(latents), 2, 2, 1), np.uint8), number != index

  networks = build(config.model, (48, 48, 1), 0)
  inputs = drawn(networks, 0, as_in_training(0, ()))
  return image_batches(sample, None, inputs, count=count, batch_size=4)


def test_the_first_image_that_is_not_finite_is_named(config):
  batches = broken_batches(6, 9, config)
  assert len(next(batches)) == 4
  with pytest.raises(NotFiniteError, match="sample 6 has pixels that are not finite"):
    next(batches)


def test_images_beyond_those_asked_for_may_be_anything(config):
  batches = broken_batches(6, 6, config)
  assert [len(batch) for batch in batches] == [4, 2]


def test_the_class_asked_for_is_the_one_drawn(config):
  # A generator whose pixels are its class weights: class 1 of 2 is black and white.
  class Show:
    def apply(self, weights, latents, classes, train):
      return (2 * classes - 1).reshape(-1, 1, 2, 1)

  networks = build(config.model, (48, 48, 1), 0)._replace(generator=Show(), num_classes=2)
  inputs = drawn(networks, 0, always([0, 1]))
  (images,) = image_batches(make_sampler(networks), np.float32(0), inputs, count=3)
  assert images.reshape(3, 2).tolist() == [[0, 255]] * 3


def test_listed_inputs_come_in_their_order_and_the_last_fills_up():
  latents, classes = np.arange(6.0).reshape(3, 2), np.eye(3)
  inputs = listed(jnp.array(latents), jnp.array(classes))
  found = inputs(1, 4)
  np.testing.assert_array_equal(found[0], latents[[1, 2, 2, 2]])
  np.testing.assert_array_equal(found[1], classes[[1, 2, 2, 2]])
