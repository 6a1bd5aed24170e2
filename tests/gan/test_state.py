import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.state import create_state, make_optimizers, moving_average, weights
from dcgan_jax.models.build import build


def make_state(config, seed):
  networks = build(config.model, (48, 48, 1), 0)
  return create_state(networks, make_optimizers(config.optimizer), seed)


def test_the_state_is_a_function_of_the_seed(config):
  first, again, other = (make_state(config, seed) for seed in (1, 1, 2))
  jax.tree.map(np.testing.assert_array_equal, first, again)
  kernels = [s.generator.params["project"]["kernel"] for s in (first, other)]
  assert not np.array_equal(*kernels)


def test_the_average_starts_as_the_generator(config):
  state = make_state(config, 0)
  jax.tree.map(np.testing.assert_array_equal, state.ema, weights(state.generator))


@pytest.mark.parametrize(("discriminators", "expected"), [(None, 2e-4), (8e-4, 8e-4)])
def test_optimizers_are_adam_with_the_configs_rates(config, discriminators, expected):
  # Adam's first update is -lr * g / (|g| + eps) whatever b1 and b2: the bias correction undoes
  # them.
  config.optimizer.discriminator_learning_rate = discriminators
  gradient = jnp.array([3.0, -0.5])
  for optimizer, rate in zip(make_optimizers(config.optimizer), (2e-4, expected), strict=True):
    updates, _ = optimizer.update(gradient, optimizer.init(gradient))
    np.testing.assert_allclose(updates, [-rate, rate], rtol=1e-5)


def test_rates_fall_linearly_to_zero_where_they_are_to(config):
  config.optimizer.decay_steps = 4
  optimizer = make_optimizers(config.optimizer).discriminator
  gradient = jnp.array([3.0])
  state, rates = optimizer.init(gradient), []
  for _ in range(6):
    # Of the same gradient again and again Adam's every update is -lr.
    updates, state = optimizer.update(gradient, state)
    rates.append(-float(updates[0]))
  np.testing.assert_allclose(rates, [2e-4, 1.5e-4, 1e-4, 0.5e-4, 0, 0], rtol=1e-5)


@pytest.mark.parametrize(
  ("step", "rate"),
  # (1 + step) / (10 + step) until that exceeds the decay: 1/10 at 0, 91/100 at 90, then 0.95.
  [(0, 0.1), (90, 0.91), (10_000, 0.95)],
)
def test_the_average_forgets_its_start_quickly_then_decays_as_asked(step, rate):
  ema = moving_average({"w": jnp.array(1.0)}, {"w": jnp.array(0.0)}, 0.95, jnp.array(step))
  assert float(ema["w"]) == pytest.approx(rate, rel=1e-6)
