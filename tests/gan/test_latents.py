import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.latents import sample_latents, training_latents
from dcgan_jax.models.networks import Networks


def networks(size, distribution="normal"):
  return Networks(None, None, size, distribution, (48, 48, 1), 0)


def test_a_latent_depends_on_its_seed_and_index_alone():
  whole = sample_latents(seed=4, first=0, count=10, networks=networks(5))
  np.testing.assert_array_equal(sample_latents(4, 7, 3, networks(5)), whole[7:])
  assert not np.array_equal(sample_latents(5, 7, 3, networks(5)), whole[7:])


def draws(distribution):
  few = networks(50, distribution)
  return [
    np.asarray(sample_latents(seed=0, first=0, count=2000, networks=few)),
    np.asarray(training_latents(0, jnp.array(0), 2000, few)),
  ]


def test_latents_are_standard_normal():
  for latents in draws("normal"):
    # 100,000 draws: the mean has a standard error of 0.0032, the variance of sqrt(2/n) = 0.0045.
    assert abs(latents.mean()) < 5 * 0.0032
    assert abs(latents.var() - 1) < 5 * 0.0045
    assert np.abs(latents).max() > 1


def test_latents_are_uniform_from_minus_one_to_one_where_asked():
  for latents in draws("uniform"):
    # Variance 1/3, fourth moment 1/5: standard errors sqrt(1/3 / n) and sqrt((1/5 - 1/9) / n).
    assert abs(latents.mean()) < 5 * 0.0018
    assert abs(latents.var() - 1 / 3) < 5 * 0.00094
    assert -1 <= latents.min() < -0.999
    assert 0.999 < latents.max() <= 1


def test_training_latents_differ_between_steps_and_seeds_only():
  def draw(seed, step):
    return np.asarray(training_latents(seed, jnp.array(step), 8, networks(5)))

  np.testing.assert_array_equal(draw(1, 2), draw(1, 2))
  assert not np.array_equal(draw(1, 2), draw(1, 3))
  assert not np.array_equal(draw(1, 2), draw(2, 2))


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_training_and_samples_draw_apart(distribution):
  samples, training = draws(distribution)
  assert not np.array_equal(samples[0], training[0])
