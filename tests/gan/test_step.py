import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dcgan_jax.batch import Batch
from dcgan_jax.gan.classes import uniform_labels
from dcgan_jax.gan.latents import training_latents
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.models.build import build
from dcgan_jax.models.networks import Judgement
from dcgan_jax.pixels import to_pixels

SEED, BATCH = 3, 8


@pytest.fixture
def game(config):
  return make_game(config)


def make_game(config, num_classes=0, **networks_replaced):
  config.seed, config.ema_decay = SEED, 0.9
  networks = build(config.model, (48, 48, 1), num_classes)._replace(**networks_replaced)
  optimizers = make_optimizers(config.optimizer)
  state = create_state(networks, optimizers, SEED)
  return networks, optimizers.generator, state, make_step(networks, optimizers, config, None)


@pytest.fixture
def batch():
  rng = np.random.default_rng(0)
  images = rng.integers(0, 256, (BATCH, 48, 48, 1), dtype=np.uint8)
  return Batch(images, rng.integers(0, 3, BATCH, dtype=np.int32))


def assert_close(a, b):
  # Two programs of the same mathematics: float32 rounding, on Adam's steps of 2e-4.
  jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=2e-4, atol=2e-6), a, b)


def reference_step(networks, optimizer, state, images):
  """The same update written plainly: each gradient of its own loss, nothing shared."""
  real = to_pixels(images)
  latents = training_latents(SEED, state.step, BATCH, networks)

  def discriminate(params, stats, pixels):
    variables = {"params": params, "batch_stats": stats}
    judgement, new = networks.discriminator.apply(variables, pixels, mutable=["batch_stats"])
    return judgement.logits, new["batch_stats"]

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


def test_one_update_is_the_discriminators_then_the_generators_through_the_updated_one(game, batch):
  networks, optimizer, state, step = game
  state = state.replace(step=jnp.int32(1000))  # beyond the average's first steps
  new, metrics = jax.jit(step)(state, batch)
  d_value, g_value, d_gradient, g_gradient, d_stats, g_params = jax.jit(
    lambda state, images: reference_step(networks, optimizer, state, images)
  )(state, batch.images)
  np.testing.assert_allclose(metrics["discriminator_loss"], d_value, rtol=1e-5)
  np.testing.assert_allclose(metrics["generator_loss"], g_value, rtol=1e-5)
  assert_close(gradient_from_adam(new.discriminator.opt_state), d_gradient)
  assert_close(gradient_from_adam(new.generator.opt_state), g_gradient)
  # Adam's second moment, from 0 too: a share 1 - b2 of the squares.
  squares = jax.tree.map(lambda g: 0.001 * g**2, g_gradient)
  assert_close(new.generator.opt_state[0].nu, squares)
  # The generator's pass through the discriminator leaves its statistics alone.
  assert_close(new.discriminator.batch_stats, d_stats)
  np.testing.assert_allclose(
    metrics["generator_gradient_norm"], optax.tree.norm(g_gradient), rtol=1e-4
  )
  expected_ema = jax.tree.map(
    lambda old, now: 0.9 * old + 0.1 * now, state.generator.params, g_params
  )
  assert_close(new.ema, {"params": expected_ema, "batch_stats": {}})
  assert int(new.step) == 1001


class Linear(nn.Module):
  """A discriminator that is one weight a pixel; its classifier, if it has one, knows nothing."""

  num_classes: int = 0
  judges: tuple[float, ...] = (1.0,)  # what each makes of that logit

  @nn.compact
  def __call__(self, pixels, classes=None, train=True):
    flat = pixels.reshape(len(pixels), -1)
    ignorant = nn.Dense(self.num_classes, kernel_init=nn.initializers.zeros, name="class_logits")
    class_logits = ignorant(flat) if self.num_classes else None
    logits = nn.Dense(1, name="logit")(flat)[:, 0]
    return Judgement(jnp.concatenate([weight * logits for weight in self.judges]), class_logits)


class Recorder(nn.Module):
  """A generator of one layer that notes the classes it was asked for."""

  @nn.compact
  def __call__(self, latents, classes, train=True):
    noted = self.variable("batch_stats", "classes", jnp.zeros, (BATCH, classes.shape[1]))
    if train:
      noted.value = classes
    return nn.tanh(nn.Dense(48 * 48)(latents)).reshape(-1, 48, 48, 1)


def simple_game(config, num_classes=0, classifies=False, judges=(1.0,)):
  """A conditional game, where there are classes, of two players of one layer each."""
  config.model.name = "cgan" if num_classes else "pixelnorm_dcgan"
  discriminator = Linear(num_classes if classifies else 0, judges)
  return make_game(config, num_classes, generator=Recorder(), discriminator=discriminator)


@pytest.mark.parametrize(("bias", "on_real", "on_fake"), [(5.0, 1.0, 0.0), (-5.0, 0.0, 1.0)])
def test_a_discriminator_that_calls_all_real_is_right_on_real_only(
  config, batch, bias, on_real, on_fake
):
  _, _, state, step = simple_game(config)
  # With a zero kernel every logit is the bias: 5 calls everything real, -5 everything generated.
  params = {"logit": {"kernel": jnp.zeros((48 * 48, 1)), "bias": jnp.array([bias])}}
  biased = state.replace(discriminator=state.discriminator.replace(params=params))
  _, metrics = jax.jit(step)(biased, batch)
  assert float(metrics["accuracy_real"]) == on_real
  assert float(metrics["accuracy_fake"]) == on_fake


def test_a_discriminator_without_batchnorm_can_play(config, batch):
  _, _, state, step = simple_game(config)
  new, metrics = jax.jit(step)(state, batch)
  assert new.discriminator.batch_stats == {}
  assert np.isfinite(metrics["discriminator_loss"])


def test_a_classifying_discriminator_learns_classes_from_real_images_only(config, batch):
  config.loss.generator_class_weight = 5.0  # of no interest to the discriminator

  def first_update(class_weight, classify_fakes):
    config.loss.class_weight, config.loss.classify_fakes = class_weight, classify_fakes
    _, _, state, step = simple_game(config, num_classes=3, classifies=True)
    return jax.jit(step)(state, batch)

  _, without = first_update(0.0, classify_fakes=False)
  new, metrics = first_update(3.0, classify_fakes=False)
  _, with_fakes = first_update(3.0, classify_fakes=True)
  # A classifier of three classes that knows nothing loses ln 3, here three times over, on real
  # images, and as much again on generated ones.
  on_real = float(metrics["discriminator_loss"] - without["discriminator_loss"])
  on_fake = float(with_fakes["discriminator_loss"] - metrics["discriminator_loss"])
  assert on_real == pytest.approx(3 * np.log(3), rel=1e-5)
  assert on_fake == pytest.approx(3 * np.log(3), rel=1e-5)
  # Of equal thirds, the gradient of the bias is the mean of 1/3 - one_hot(label), three times over.
  gradient = gradient_from_adam(new.discriminator.opt_state)["class_logits"]["bias"]
  expected = 3 * (1 / 3 - np.bincount(batch.labels, minlength=3) / BATCH)
  np.testing.assert_allclose(gradient, expected, atol=1e-6)
  assert {"class_accuracy_real", "class_accuracy_fake"} <= set(metrics)


def test_the_generator_answers_for_the_classes_of_its_images(config, batch):
  bias = np.array([0.0, 1.0, 2.0])
  config.optimizer.discriminator_learning_rate = 1e-12  # it stays as it is set here

  def generator_loss(class_weight, generator_class_weight=None):
    config.loss.class_weight = class_weight
    config.loss.generator_class_weight = generator_class_weight
    _, _, state, step = simple_game(config, num_classes=3, classifies=True)
    classifier = {"kernel": jnp.zeros((48 * 48, 3)), "bias": jnp.asarray(bias, jnp.float32)}
    params = {**state.discriminator.params, "class_logits": classifier}
    state = state.replace(discriminator=state.discriminator.replace(params=params))
    return float(jax.jit(step)(state, batch)[1]["generator_loss"])

  asked = uniform_labels(SEED, 0, BATCH, 3)
  cross_entropy = np.mean(np.log(np.exp(bias).sum()) - bias[asked])
  # With the discriminator's weight, or one of its own, which may be 0.
  unanswered = generator_loss(7.0, 0.0)
  assert generator_loss(3.0) - unanswered == pytest.approx(3 * cross_entropy, rel=1e-5)
  assert generator_loss(7.0, 3.0) - unanswered == pytest.approx(3 * cross_entropy, rel=1e-5)
  assert generator_loss(0.0) == pytest.approx(unanswered, rel=1e-6)


@pytest.mark.parametrize("source", ["uniform", "data"])
def test_classes_of_fakes_are_drawn_or_those_of_the_batch(config, batch, source):
  config.loss.fake_classes = source
  _, _, state, step = simple_game(config, num_classes=3)
  new, _ = jax.jit(step)(state, batch)
  labels = batch.labels if source == "data" else uniform_labels(SEED, state.step, BATCH, 3)
  np.testing.assert_array_equal(new.generator.batch_stats["classes"], np.eye(3)[labels])


# The gradient of a linear discriminator is its kernel wherever it is taken: here of norm 3. Where
# two judge, it is that of their mean: of 1 and 3 times as much, twice as much.
@pytest.mark.parametrize(
  ("penalty", "judges", "expected"),
  [
    ("r1", (1.0,), 5 * 3.0**2),
    ("gradient_penalty", (1.0,), 5 * (3.0 - 1) ** 2),
    ("r1", (1.0, 3.0), 5 * 6.0**2),
  ],
)
def test_a_penalty_is_added_to_the_discriminators_loss(config, batch, penalty, judges, expected):
  def first_update(weight):
    config.loss[penalty] = weight
    _, _, state, step = simple_game(config, judges=judges)
    params = {"logit": {"kernel": jnp.full((48 * 48, 1), 3 / 48), "bias": jnp.zeros(1)}}
    state = state.replace(discriminator=state.discriminator.replace(params=params))
    return jax.jit(step)(state, batch)

  _, plain = first_update(0.0)
  new, metrics = first_update(5.0)
  difference = float(metrics["discriminator_loss"] - plain["discriminator_loss"])
  assert difference == pytest.approx(expected, rel=1e-5)
  assert float(metrics["penalty"]) == pytest.approx(expected, rel=1e-5)
  assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(new))
