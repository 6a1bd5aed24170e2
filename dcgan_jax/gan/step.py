"""One alternating update: the discriminator, then the generator through the updated one."""

import functools
from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

from dcgan_jax import parallel
from dcgan_jax.gan import losses
from dcgan_jax.gan.state import GANState, NetworkState, moving_average, weights
from dcgan_jax.models.build import Networks
from dcgan_jax.pixels import to_pixels
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any
Metrics = dict[str, jax.Array]
Step = Callable[[GANState, jax.Array], tuple[GANState, Metrics]]


def training_latents(seed: int, step: jax.Array, batch_size: int, latent_size: int) -> jax.Array:
  """The latents of one update's whole batch, float32 [batch_size, latent_size], N(0, 1)."""
  key = stream_key(seed, Stream.TRAINING_LATENTS, step)
  return jax.random.normal(key, (batch_size, latent_size))


def make_step(
  networks: Networks,
  optimizer: optax.GradientTransformation,
  *,
  seed: int,
  ema_decay: float,
  axis_name: str | None,
) -> Step:
  """Builds the update `(state, images) -> (state, metrics)`.

  `images` is uint8 [share of the batch, height, width, channels]: with `axis_name`, one device's
  equal share of the global batch, and the function must run under that mapped axis. Latents are
  drawn for the global batch and cut the same way, so that the update is the same mathematics on
  any number of devices. Metrics are float32 scalars of the device's share, averaged by the caller.
  """

  def apply(module: nn.Module, params: PyTree, stats: PyTree, inputs: jax.Array) -> Any:
    variables = {"params": params, "batch_stats": stats}
    outputs, new = module.apply(variables, inputs, mutable=["batch_stats"])
    return outputs, new.get("batch_stats", {})  # a network without BatchNorm has none

  generate = functools.partial(apply, networks.generator)
  discriminate = functools.partial(apply, networks.discriminator)

  def improve(player: NetworkState, gradients: PyTree, stats: PyTree) -> NetworkState:
    updates, opt_state = optimizer.update(gradients, player.opt_state, player.params)
    return NetworkState(optax.apply_updates(player.params, updates), stats, opt_state)

  def step(state: GANState, images: jax.Array) -> tuple[GANState, Metrics]:
    g, d = state.generator, state.discriminator
    real = to_pixels(images)
    devices = parallel.axis_size(axis_name)
    latents = training_latents(seed, state.step, devices * images.shape[0], networks.latent_size)
    latents = parallel.own_share(latents, axis_name)

    # One generator forward serves both players; its pullback waits for the generator's turn.
    fake, generator_pullback, g_stats = jax.vjp(
      lambda params: generate(params, g.batch_stats, latents), g.params, has_aux=True
    )

    def discriminator_objective(params: PyTree) -> Any:
      # Real and fake are separate batches: their BatchNorm statistics differ.
      real_logits, stats = discriminate(params, d.batch_stats, real)
      fake_logits, stats = discriminate(params, stats, fake)
      return losses.discriminator_loss(real_logits, fake_logits), (real_logits, fake_logits, stats)

    (d_loss, (real_logits, fake_logits, d_stats)), d_gradients = jax.value_and_grad(
      discriminator_objective, has_aux=True
    )(d.params)
    d_gradients = parallel.mean(d_gradients, axis_name)
    d = improve(d, d_gradients, d_stats)

    def generator_objective(fake: jax.Array) -> jax.Array:
      # The statistics of this pass are dropped: it judges the generator, it trains no judge.
      return losses.generator_loss(discriminate(d.params, d.batch_stats, fake)[0])

    g_loss, fake_gradient = jax.value_and_grad(generator_objective)(fake)
    (g_gradients,) = generator_pullback(fake_gradient)
    g_gradients = parallel.mean(g_gradients, axis_name)
    g = improve(g, g_gradients, g_stats)

    metrics = {
      "discriminator_loss": d_loss,
      "generator_loss": g_loss,
      "accuracy_real": jnp.mean(real_logits > 0, dtype=jnp.float32),
      "accuracy_fake": jnp.mean(fake_logits < 0, dtype=jnp.float32),
      "discriminator_gradient_norm": optax.tree.norm(d_gradients),
      "generator_gradient_norm": optax.tree.norm(g_gradients),
    }
    ema = moving_average(state.ema, weights(g), ema_decay, state.step)
    return GANState(state.step + 1, g, d, ema), metrics

  return step


def make_update(step: Step, axis_name: str | None) -> Callable[..., tuple[GANState, Metrics]]:
  """Builds `(state, images, count) -> (state, metrics)`, many steps in one dispatch.

  `images` is uint8 [K, share of the batch, height, width, channels], and the first `count` (int32
  scalar, 1 to K) batches are used: the count is an argument, so that a short dispatch before a
  checkpoint or at the end recompiles nothing. Metrics are means over the steps and the devices.
  """

  def update(state: GANState, images: jax.Array, count: jax.Array) -> tuple[GANState, Metrics]:
    def body(i: jax.Array, carry: tuple[GANState, Metrics]) -> tuple[GANState, Metrics]:
      state, total = carry
      state, metrics = step(state, images[i])
      return state, jax.tree.map(jnp.add, total, metrics)

    shapes = jax.eval_shape(step, state, images[0])[1]
    zeros = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
    state, total = jax.lax.fori_loop(0, count, body, (state, zeros))
    means = jax.tree.map(lambda t: t / count.astype(jnp.float32), total)
    return state, parallel.mean(means, axis_name)

  return update
