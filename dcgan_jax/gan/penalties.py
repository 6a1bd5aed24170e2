"""Penalties on the discriminator's gradient with respect to its input.

Each needs a discriminator that judges every image alone: with BatchNorm the gradient of one logit
reaches every image of the batch, and the penalty means something else.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

Critic = Callable[[jax.Array], jax.Array]  # pixels [batch, h, w, c] to logits [batch]


def r1(critic: Critic, real: jax.Array) -> jax.Array:
  """Mean squared gradient norm at real images (Mescheder et al. 2018, Eq. 9, without γ/2).

  Args:
    critic: the discriminator.
    real: float [batch, height, width, channels].

  Returns:
    float scalar.
  """
  return jnp.mean(_squared_norms(critic, real))


def gradient_penalty(critic: Critic, real: jax.Array, fake: jax.Array, mix: jax.Array) -> jax.Array:
  """Mean squared distance of gradient norms from 1 (Gulrajani et al. 2017, Eq. 3, without λ).

  Args:
    critic: the discriminator.
    real: float [batch, height, width, channels].
    fake: of the same shape.
    mix: float [batch] in [0, 1]: where between fake (0) and real (1) each gradient is taken.

  Returns:
    float scalar.
  """
  mix = mix[:, None, None, None]
  squared = _squared_norms(critic, mix * real + (1.0 - mix) * fake)
  # The root has no gradient at 0, where a fresh spectral-norm discriminator may well be.
  return jnp.mean(jnp.square(jnp.sqrt(squared + 1e-12) - 1.0))


def _squared_norms(critic: Critic, pixels: jax.Array) -> jax.Array:
  # The images don't meet in the discriminator: one gradient of the sum is all gradients.
  gradients = jax.grad(lambda pixels: jnp.sum(critic(pixels)))(pixels)
  return jnp.sum(jnp.square(gradients), axis=(1, 2, 3))
