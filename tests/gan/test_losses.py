import numpy as np
import pytest

from dcgan_jax.gan.losses import discriminator_loss, generator_loss


def sigmoid(x):
  return 1 / (1 + np.exp(-x))


def test_an_ignorant_discriminator_pays_ln_2_for_each_half():
  zeros = np.zeros(4, np.float32)
  assert float(discriminator_loss(zeros, zeros)) == pytest.approx(2 * np.log(2), rel=1e-6)
  assert float(generator_loss(zeros)) == pytest.approx(np.log(2), rel=1e-6)


def test_losses_are_binary_cross_entropies_of_the_sigmoid():
  real, fake = np.array([2.0, -1.0, 0.5]), np.array([-3.0, 1.5])
  expected = -np.log(sigmoid(real)).mean() - np.log(1 - sigmoid(fake)).mean()
  assert float(discriminator_loss(real, fake)) == pytest.approx(expected, rel=1e-6)
  assert float(generator_loss(fake)) == pytest.approx(-np.log(sigmoid(fake)).mean(), rel=1e-6)


def test_a_certain_discriminator_gives_a_finite_loss():
  # log(sigmoid(-200)) is -200; a clipped or naive logarithm would give inf or the clip.
  sure = np.array([200.0], np.float32)
  assert float(generator_loss(-sure)) == pytest.approx(200.0)
  assert float(discriminator_loss(-sure, sure)) == pytest.approx(400.0)
