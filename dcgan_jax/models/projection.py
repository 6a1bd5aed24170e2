"""Radford's generator made conditional in the modern way; its width, 64, is Radford's.

The class enters through the gains and biases of BatchNorm (de Vries et al. 2017; Miyato and Koyama
2018, section 3). The discriminator beside it is pixelnorm_projection.py's: Radford's four halvings
too, and a projection. Those papers use residual networks and project features summed over the
image; here the convolutions are those of the other systems, so that they differ in how the class
enters and in little else, and the whole map is projected, as Radford's last layer takes it whole.
A sum does not say where in the image a feature is, and a face has its features in their places.
"""

import flax.linen as nn
import jax

from dcgan_jax.models import radford_dcgan
from dcgan_jax.models.layers import BatchNorm, required


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
