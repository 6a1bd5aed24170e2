import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dcgan_jax.gan.state import create_state, make_optimizer, moving_average, weights
from dcgan_jax.gan.step import make_step, make_update, training_latents
from dcgan_jax.models.build import build
from dcgan_jax.pixels import to_pixels

SEED, BATCH = 3, 8


@pytest.fixture
def game(config):
  networks = build(config.model, (48, 48, 1))
  optimizer = make_optimizer(config.optimizer)
  state = create_state(networks, optimizer, SEED)
  step = make_step(networks, optimizer, seed=SEED, ema_decay=0.9, axis_name=None)
  return networks, optimizer, state, step


@pytest.fixture
def images():
  return np.random.default_rng(0).integers(0, 256, (4, BATCH, 48, 48, 1), dtype=np.uint8)


def assert_close(a, b):
  # Two programs of the same mathematics: float32 rounding, on Adam's steps of 2e-4.
  jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=2e-4, atol=2e-6), a, b)


def reference_step(networks, optimizer, state, images):
  """The same update written plainly: each gradient of its own loss, nothing shared."""
  real = to_pixels(images)
  latents = training_latents(SEED, state.step, BATCH, networks.latent_size)

  def discriminate(params, stats, pixels):
    variables = {"params": params, "batch_stats": stats}
    logits, new = networks.discriminator.apply(variables, pixels, mutable=["batch_stats"])
    return logits, new["batch_stats"]

  def generate(params):
    return networks.generator.apply({"params": params}, latents)

  def cross_entropy(logits, label):
    return -jnp.mean(jnp.log(jax.nn.sigmoid(logits if label else -logits)))

  g, d = state.generator, state.discriminator

  def d_loss(params):
    real_logits, stats = discriminate(params, d.batch_stats, real)
    fake_logits, stats = discriminate(params, stats, generate(g.params))
    return cross_entropy(real_logits, 1) + cross_entropy(fake_logits, 0), stats

  (d_value, d_stats), d_gradient = jax.value_and_grad(d_loss, has_aux=True)(d.params)
  updates, _ = optimizer.update(d_gradient, d.opt_state)
  d_params = optax.apply_updates(d.params, updates)

  def g_loss(params):
    return cross_entropy(discriminate(d_params, d_stats, generate(params))[0], 1)

  g_value, g_gradient = jax.value_and_grad(g_loss)(g.params)
  updates, _ = optimizer.update(g_gradient, g.opt_state)
  return d_value, g_value, d_gradient, g_gradient, d_stats, optax.apply_updates(g.params, updates)


def gradient_from_adam(opt_state, b1=0.5):
  """Adam's first moment starts at 0, so after one update it is (1 - b1) times the gradient."""
  return jax.tree.map(lambda m: m / (1 - b1), opt_state[0].mu)


def test_one_update_is_the_discriminators_then_the_generators_through_the_updated_one(game, images):
  networks, optimizer, state, step = game
  new, metrics = jax.jit(step)(state, images[0])
  d_value, g_value, d_gradient, g_gradient, d_stats, g_params = jax.jit(
    lambda state, images: reference_step(networks, optimizer, state, images)
  )(state, images[0])
  np.testing.assert_allclose(metrics["discriminator_loss"], d_value, rtol=1e-5)
  np.testing.assert_allclose(metrics["generator_loss"], g_value, rtol=1e-5)
  assert_close(gradient_from_adam(new.discriminator.opt_state), d_gradient)
  assert_close(gradient_from_adam(new.generator.opt_state), g_gradient)
  # The generator's pass through the discriminator leaves its statistics alone.
  assert_close(new.discriminator.batch_stats, d_stats)
  np.testing.assert_allclose(
    metrics["generator_gradient_norm"], optax.tree.norm(g_gradient), rtol=1e-4
  )
  expected_ema = moving_average(weights(state.generator), {"params": g_params, "batch_stats": {}},
                                0.9, state.step)  # fmt: skip
  assert_close(new.ema, expected_ema)
  assert int(new.step) == 1


@pytest.mark.parametrize(("bias", "on_real", "on_fake"), [(5.0, 1.0, 0.0), (-5.0, 0.0, 1.0)])
def test_a_discriminator_that_calls_all_real_is_right_on_real_only(
  game, images, bias, on_real, on_fake
):
  _, _, state, step = game
  # With a zero kernel every logit is the bias: 5 calls everything real, -5 everything generated.
  params = dict(state.discriminator.params)
  params["logit"] = {"kernel": 0 * params["logit"]["kernel"], "bias": jnp.array([bias])}
  biased = state.replace(discriminator=state.discriminator.replace(params=params))
  _, metrics = jax.jit(step)(biased, images[0])
  assert float(metrics["accuracy_real"]) == on_real
  assert float(metrics["accuracy_fake"]) == on_fake


def test_latents_differ_between_steps_and_seeds_only():
  def draw(seed, step):
    return np.asarray(training_latents(seed, jnp.array(step), BATCH, 5))

  np.testing.assert_array_equal(draw(1, 2), draw(1, 2))
  assert not np.array_equal(draw(1, 2), draw(1, 3))
  assert not np.array_equal(draw(1, 2), draw(2, 2))


def test_many_updates_in_one_dispatch_are_the_same_bits_as_one_at_a_time(game, images):
  _, _, start, step = game
  update = jax.jit(make_update(step, None))
  together, mean = update(start, images, jnp.int32(3))
  state, each = start, []
  for i in range(3):
    state, metrics = update(state, np.roll(images, -i, axis=0), jnp.int32(1))
    each.append(metrics)
  jax.tree.map(np.testing.assert_array_equal, together, state)
  for name, value in mean.items():
    np.testing.assert_allclose(value, np.mean([m[name] for m in each]), rtol=1e-6)


def test_players_without_batchnorm_can_play(config, images):
  class Flat(nn.Module):
    @nn.compact
    def __call__(self, pixels, train=True):
      return nn.Dense(1)(pixels.reshape(len(pixels), -1))[:, 0]

  networks = build(config.model, (48, 48, 1))._replace(discriminator=Flat())
  optimizer = make_optimizer(config.optimizer)
  state = create_state(networks, optimizer, SEED)
  step = make_step(networks, optimizer, seed=SEED, ema_decay=0.9, axis_name=None)
  new, metrics = jax.jit(step)(state, images[0])
  assert new.discriminator.batch_stats == {}
  assert np.isfinite(metrics["discriminator_loss"])
