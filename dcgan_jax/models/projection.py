"""Radford's DCGAN made conditional in the modern way; its width, 64, is Radford's.

The class enters the generator through the gains and biases of its BatchNorm (de Vries et al. 2017;
Miyato and Koyama 2018, section 3) and the discriminator through a projection of its features
(Miyato and Koyama 2018, Eq. 3). Those papers use residual networks; here the convolutions are those
of radford_dcgan.py, so that the systems differ in how the class enters and in little else.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models import radford_dcgan
from dcgan_jax.models.layers import (
  BatchNorm,
  ConvolutionalDiscriminator,
  Dense,
  kernel_init,
  required,
)
from dcgan_jax.models.networks import Judgement


class ConditionalBatchNorm(nn.Module):
  """BatchNorm over all classes together, then a gain and a bias of the class's own.

  Attributes:
    axis_name: mapped axis over which the statistics are averaged; None on a single device.
  """

  axis_name: str | None = None

  @nn.compact
  def __call__(self, x: jax.Array, classes: jax.Array, train: bool) -> jax.Array:
    """float32 [batch, height, width, features] and [batch, num_classes] to x's shape."""
    normal = BatchNorm(
      not train, use_scale=False, use_bias=False, axis_name=self.axis_name, name="statistics"
    )(x)
    # From zero, so that training starts with plain BatchNorm: gain 1, bias 0.
    shape = (classes.shape[-1], x.shape[-1])
    gain = 1.0 + classes @ self.param("gain", nn.initializers.zeros, shape)
    bias = classes @ self.param("bias", nn.initializers.zeros, shape)
    return normal * gain[:, None, None] + bias[:, None, None]


class Generator(radford_dcgan.Generator):
  """Radford's generator with class-conditional BatchNorm. It raises ValueError without classes."""

  def normalize(self, x: jax.Array, classes: jax.Array | None, train: bool, name: str) -> jax.Array:
    """BatchNorm with the class's gain and bias."""
    return ConditionalBatchNorm(self.axis_name, name=name)(x, required(classes), train)


class Discriminator(ConvolutionalDiscriminator):
  """Radford's four halvings, features summed over the image, and a projection on the class.

  The logit is b + ⟨w, φ⟩ + ⟨classes V, φ⟩ for features φ; layers have 1, 2, 4, 8 times the width.
  """

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """float32 [batch, size, size, channels], size divisible by 16, with classes.

    Raises:
      ValueError: no classes.
    """
    x = pixels
    for i, multiple in enumerate((1, 2, 4, 8), start=1):
      x = self.hidden(x, i, multiple * self.width, train, batch_norm=i > 1)
    features = jnp.sum(x, axis=(1, 2))
    # V starts as w does, so that neither term drowns the other.
    embed = nn.Dense(features.shape[-1], use_bias=False, kernel_init=kernel_init, name="embed")
    embedded = self.weigh(embed, required(classes), train)
    logits = self.weigh(Dense(1, name="logit"), features, train)[:, 0]
    return Judgement(logits + jnp.sum(embedded * features, axis=-1))
