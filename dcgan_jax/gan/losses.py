"""The game's losses, on logits: the sigmoid belongs to the loss (Goodfellow et al. 2014)."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

Loss = Callable[[jax.Array], jax.Array]


class AdversarialLoss(NamedTuple):
  """What either player minimises; each maps logits, float [batch], to a float scalar."""

  on_real: Loss  # the discriminator's, of its logits on real images
  on_fake: Loss  # the discriminator's, of its logits on generated images
  generator: Loss  # the generator's, of the same


def cross_entropy(label_smoothing: float = 0.0) -> AdversarialLoss:
  """Binary cross-entropy, in nats; the generator's is the non-saturating one.

  A discriminator that knows nothing has 2 ln 2 in all, its generator ln 2. The paper's Eq. 1 lacks
  the logarithm in its second term; this is the form with it.

  Args:
    label_smoothing: one-sided (Salimans et al. 2016, section 3.4): real images have the label
      1 - label_smoothing, generated ones 0. 0 <= label_smoothing < 1.
  """

  def on_real(logits: jax.Array) -> jax.Array:
    # Of the label t: t softplus(-x) + (1 - t) softplus(x), and softplus(x) - softplus(-x) = x.
    return jnp.mean(jax.nn.softplus(-logits) + label_smoothing * logits)

  return AdversarialLoss(
    on_real,
    on_fake=lambda logits: jnp.mean(jax.nn.softplus(logits)),
    generator=lambda logits: jnp.mean(jax.nn.softplus(-logits)),
  )


# Lim and Ye 2017; Miyato et al. 2018, Eqs. 16 and 17.
HINGE = AdversarialLoss(
  on_real=lambda logits: jnp.mean(jax.nn.relu(1.0 - logits)),
  on_fake=lambda logits: jnp.mean(jax.nn.relu(1.0 + logits)),
  generator=lambda logits: -jnp.mean(logits),
)

# Arjovsky et al. 2017: a difference of scores, which are no logits; it needs a gradient penalty.
WASSERSTEIN = AdversarialLoss(
  on_real=lambda logits: -jnp.mean(logits),
  on_fake=lambda logits: jnp.mean(logits),
  generator=lambda logits: -jnp.mean(logits),
)

NAMES = ("cross_entropy", "hinge", "wasserstein")


def adversarial_loss(name: str, label_smoothing: float) -> AdversarialLoss:
  """One of NAMES; only the cross-entropy knows labels, and so their smoothing."""
  if name == "cross_entropy":
    return cross_entropy(label_smoothing)
  return {"hinge": HINGE, "wasserstein": WASSERSTEIN}[name]


def class_loss(class_logits: jax.Array, classes: jax.Array) -> jax.Array:
  """Cross-entropy of the class, in nats (Odena et al. 2017, Eq. 3).

  Args:
    class_logits: float [batch, num_classes].
    classes: float [batch, num_classes], one-hot rows; an unlabelled image's row is zero, and
      counts nothing.

  Returns:
    float scalar; ln num_classes where nothing is known.
  """
  return jnp.mean(optax.softmax_cross_entropy(class_logits, classes))
