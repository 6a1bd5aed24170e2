"""One alternating update: the discriminator, then the generator through the updated one."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.gan import losses, penalties
from dcgan_jax.gan.classes import one_hot, uniform_labels
from dcgan_jax.gan.judge import Turn, make_judge
from dcgan_jax.gan.latents import training_latents
from dcgan_jax.gan.state import GANState, NetworkState, Optimizers, moving_average, weights
from dcgan_jax.models.networks import Judgement, Networks
from dcgan_jax.models.precision import computing_in
from dcgan_jax.pixels import to_pixels
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any
Metrics = dict[str, jax.Array]
Step = Callable[[GANState, Batch], tuple[GANState, Metrics]]


def make_step(
  networks: Networks, optimizers: Optimizers, config: ConfigDict, axis_name: str | None
) -> Step:
  """Builds the update `(state, batch) -> (state, metrics)`.

  With `axis_name` the batch is one device's equal share of the global batch, and the function must
  run under that mapped axis. Whatever is random is drawn for the global batch and cut the same way,
  so that the update is the same mathematics on any number of devices. Metrics are float32 scalars
  of the device's share, averaged by the caller.

  Args:
    networks: the players.
    optimizers: theirs.
    config: for seed, precision, ema_decay, loss and augmentation.
    axis_name: the mapped axis; None outside of one.
  """
  game = losses.adversarial_loss(config.loss.adversarial, config.loss.label_smoothing)
  judge = make_judge(networks, config, axis_name)
  class_weight = config.loss.generator_class_weight
  if class_weight is None:
    class_weight = config.loss.class_weight

  def step(state: GANState, batch: Batch) -> tuple[GANState, Metrics]:
    g, d = state.generator, state.discriminator
    real, real_classes = to_pixels(batch.images), one_hot(batch.labels, networks.num_classes)
    latents, fake_classes = _draw(networks, config, axis_name, state.step, batch.labels)

    def generate(params: PyTree) -> tuple[jax.Array, PyTree]:
      variables = {"params": params, "batch_stats": g.batch_stats}
      pixels, new = networks.generator.apply(
        variables, latents, fake_classes, mutable=["batch_stats"]
      )
      return pixels, new.get("batch_stats", {})

    # One generator forward serves both players; its pullback waits for the generator's turn.
    fake, generator_pullback, g_stats = jax.vjp(generate, g.params, has_aux=True)

    def discriminator_objective(params: PyTree) -> Any:
      # Real and fake are separate batches: their BatchNorm statistics differ.
      on_real, stats = judge(params, d.batch_stats, real, real_classes, state.step, Turn.REAL)
      on_fake, stats = judge(params, stats, fake, fake_classes, state.step, Turn.FAKE)
      loss = game.on_real(on_real.logits) + game.on_fake(on_fake.logits)
      loss += _class_losses(config.loss, on_real, real_classes, on_fake, fake_classes)

      def logits(pixels: jax.Array, classes: jax.Array) -> jax.Array:
        judgement, _ = judge(params, d.batch_stats, pixels, classes, state.step, Turn.REAL)
        # One for each image, where several judge it (feature_judges.py): the loss has their mean.
        return jnp.mean(judgement.logits.reshape(-1, len(pixels)), axis=0)

      ends = (real, real_classes), (fake, fake_classes)
      penalty = _penalty(logits, *ends, config, axis_name, state.step)
      return loss + penalty, (on_real, on_fake, stats, penalty)

    (d_loss, (on_real, on_fake, d_stats, penalty)), d_gradients = jax.value_and_grad(
      discriminator_objective, has_aux=True
    )(d.params)
    d_gradients = parallel.mean(d_gradients, axis_name)
    d = _improve(d, d_gradients, d_stats, optimizers.discriminator)

    def generator_objective(fake: jax.Array) -> jax.Array:
      # The statistics of this pass are dropped: it judges the generator, it trains no judge.
      judgement, _ = judge(d.params, d.batch_stats, fake, fake_classes, state.step, Turn.GENERATOR)
      loss = game.generator(judgement.logits)
      if judgement.class_logits is not None:
        loss += class_weight * losses.class_loss(judgement.class_logits, fake_classes)
      return loss

    g_loss, fake_gradient = jax.value_and_grad(generator_objective)(fake)
    (g_gradients,) = generator_pullback(fake_gradient)
    g_gradients = parallel.mean(g_gradients, axis_name)
    g = _improve(g, g_gradients, g_stats, optimizers.generator)

    metrics = {
      "discriminator_loss": d_loss,
      "generator_loss": g_loss,
      "accuracy_real": jnp.mean(on_real.logits > 0, dtype=jnp.float32),
      "accuracy_fake": jnp.mean(on_fake.logits < 0, dtype=jnp.float32),
      "discriminator_gradient_norm": optax.tree.norm(d_gradients),
      "generator_gradient_norm": optax.tree.norm(g_gradients),
    }
    if on_real.class_logits is not None:
      metrics["class_accuracy_real"] = _class_accuracy(on_real, real_classes)
      metrics["class_accuracy_fake"] = _class_accuracy(on_fake, fake_classes)
    if config.loss.r1 or config.loss.gradient_penalty:
      metrics["penalty"] = penalty
    ema = moving_average(state.ema, weights(g), config.ema_decay, state.step)
    return GANState(state.step + 1, g, d, ema), metrics

  def in_precision(state: GANState, batch: Batch) -> tuple[GANState, Metrics]:
    # Of the update alone: what is drawn while training is what the other commands draw.
    with computing_in(config.precision):
      return step(state, batch)

  return in_precision


def _draw(
  networks: Networks,
  config: ConfigDict,
  axis_name: str | None,
  step: jax.Array,
  labels: jax.Array,
) -> tuple[jax.Array, jax.Array]:
  """This device's latents [share, latent_size] and classes [share, num_classes] to generate."""
  total = parallel.axis_size(axis_name) * labels.shape[0]
  latents = parallel.own_share(training_latents(config.seed, step, total, networks), axis_name)
  if networks.num_classes and config.loss.fake_classes == "uniform":
    drawn = uniform_labels(config.seed, step, total, networks.num_classes)
    labels = parallel.own_share(drawn, axis_name)
  return latents, one_hot(labels, networks.num_classes)


def _class_losses(
  loss: ConfigDict,
  on_real: Judgement,
  real_classes: jax.Array,
  on_fake: Judgement,
  fake_classes: jax.Array,
) -> jax.Array | float:
  """The discriminator's class loss; 0 where it does not classify."""
  if on_real.class_logits is None or on_fake.class_logits is None:
    return 0.0
  total = losses.class_loss(on_real.class_logits, real_classes)
  if loss.classify_fakes:
    total += losses.class_loss(on_fake.class_logits, fake_classes)
  return loss.class_weight * total


def _penalty(
  logits: Callable[[jax.Array, jax.Array], jax.Array],
  real: tuple[jax.Array, jax.Array],
  fake: tuple[jax.Array, jax.Array],
  config: ConfigDict,
  axis_name: str | None,
  step: jax.Array,
) -> jax.Array | float:
  """The penalties that the config asks for, weighted; 0 where it asks for none.

  Args:
    logits: the discriminator's, of pixels and classes.
    real: pixels and classes.
    fake: likewise.
    config: for loss and seed.
    axis_name: the mapped axis; None outside of one.
    step: completed updates.
  """
  penalty: jax.Array | float = 0.0
  (pixels, classes), (fake_pixels, fake_classes) = real, fake
  if config.loss.r1:
    penalty += config.loss.r1 * penalties.r1(lambda pixels: logits(pixels, classes), pixels)
  if config.loss.gradient_penalty:
    total = parallel.axis_size(axis_name) * pixels.shape[0]
    mix = jax.random.uniform(stream_key(config.seed, Stream.PENALTY, step), (total,))
    mix = parallel.own_share(mix, axis_name)
    # Between an image of one class and one of another lies a mixture of both.
    between = mix[:, None] * classes + (1.0 - mix[:, None]) * fake_classes
    penalty += config.loss.gradient_penalty * penalties.gradient_penalty(
      lambda pixels: logits(pixels, between), pixels, fake_pixels, mix
    )
  return penalty


def _improve(
  player: NetworkState,
  gradients: PyTree,
  stats: PyTree,
  optimizer: optax.GradientTransformation,
) -> NetworkState:
  updates, opt_state = optimizer.update(gradients, player.opt_state, player.params)
  return NetworkState(optax.apply_updates(player.params, updates), stats, opt_state)


def _class_accuracy(judgement: Judgement, classes: jax.Array) -> jax.Array:
  """The share of images whose class is named right."""
  assert judgement.class_logits is not None
  right = jnp.argmax(judgement.class_logits, axis=1) == jnp.argmax(classes, axis=1)
  return jnp.mean(right, dtype=jnp.float32)
