import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.penalties import gradient_penalty, r1

RNG = np.random.default_rng(0)
REAL, FAKE = (RNG.normal(size=(3, 4, 4, 1)).astype(np.float32) for _ in range(2))


def test_r1_of_a_linear_critic_is_its_squared_weight():
  # The gradient of sum(w x) is w at every image: |w|² = 16 · 0.5² = 4.
  assert float(r1(lambda x: jnp.sum(0.5 * x, axis=(1, 2, 3)), REAL)) == pytest.approx(4.0)


def test_r1_averages_over_images_each_judged_at_itself():
  # The gradient of |x|²/2 is x: the penalty is the mean of |x|².
  expected = np.mean(np.sum(REAL**2, axis=(1, 2, 3)))
  assert float(r1(lambda x: jnp.sum(x**2, axis=(1, 2, 3)) / 2, REAL)) == pytest.approx(
    expected, rel=1e-5
  )


@pytest.mark.parametrize(("weight", "expected"), [(0.25, 0.0), (0.5, 1.0), (0.0, 1.0)])
def test_the_gradient_penalty_wants_gradients_of_norm_1(weight, expected):
  # The norm of a constant gradient w on 16 pixels is 4 w: 1, 2 and 0, each squared off from 1.
  def critic(x):
    return jnp.sum(weight * x, axis=(1, 2, 3))

  mix = np.float32([0, 0.5, 1])
  assert float(gradient_penalty(critic, REAL, FAKE, mix)) == pytest.approx(expected, abs=1e-5)


def test_the_gradient_penalty_is_taken_between_fake_and_real():
  # The gradient of |x|²/2 is x: norms of 0.25 real + 0.75 fake, and of the ends themselves.
  mix = np.float32([0.25, 0, 1])
  between = mix[:, None, None, None] * REAL + (1 - mix[:, None, None, None]) * FAKE
  expected = np.mean((np.sqrt(np.sum(between**2, axis=(1, 2, 3))) - 1) ** 2)
  found = gradient_penalty(lambda x: jnp.sum(x**2, axis=(1, 2, 3)) / 2, REAL, FAKE, mix)
  assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_penalties_pass_gradients_to_the_critic_even_where_it_is_flat():
  def penalised(weight):
    critic = lambda x: jnp.sum(weight * x, axis=(1, 2, 3))
    return r1(critic, REAL) + gradient_penalty(critic, REAL, FAKE, np.float32([0, 0.5, 1]))

  assert np.isfinite(jax.grad(penalised)(0.0))
  # d/dw of 16 w² + (4 w - 1)² at w = 1: 32 + 8 · 3.
  assert float(jax.grad(penalised)(1.0)) == pytest.approx(56.0, rel=1e-5)
