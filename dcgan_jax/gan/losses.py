"""The game's losses, on logits: the sigmoid belongs to the loss (Goodfellow et al. 2014)."""

import jax
import jax.numpy as jnp


def discriminator_loss(real_logits: jax.Array, fake_logits: jax.Array) -> jax.Array:
  """Binary cross-entropy of telling real (1) from fake (0), the two halves summed.

  The paper's Eq. 1 lacks the logarithm in its second term; this is the form with it.

  Args:
    real_logits: float [batch], the discriminator's logits on real images.
    fake_logits: float [batch], its logits on generated images.

  Returns:
    float scalar, nats; 2 ln 2 where the discriminator knows nothing.
  """
  return jnp.mean(jax.nn.softplus(-real_logits)) + jnp.mean(jax.nn.softplus(fake_logits))


def generator_loss(fake_logits: jax.Array) -> jax.Array:
  """Non-saturating loss: binary cross-entropy of the fakes against the label real.

  Args:
    fake_logits: float [batch], the discriminator's logits on generated images.

  Returns:
    float scalar, nats; ln 2 where the discriminator knows nothing.
  """
  return jnp.mean(jax.nn.softplus(-fake_logits))
