"""The PixelNorm DCGAN made conditional: the class moves the first layer, and a projection judges.

Not of the reproduced sources. In the generator each class adds a map of its own to what the latents
make, which PixelNorm then scales; in the discriminator each class has a row of weights on the
features beside the common one (Miyato and Koyama 2018, Eq. 3). All else is pixelnorm_dcgan.py's.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models import pixelnorm_dcgan
from dcgan_jax.models.layers import kernel_init, required


class Generator(pixelnorm_dcgan.Generator):
  """The PixelNorm generator of a class. It raises ValueError without classes."""

  def first_layer(self, latents: jax.Array, classes: jax.Array | None, features: int) -> jax.Array:
    """The first layer, float32 [batch, features]: of the latents and, added, of the class."""
    of_class = nn.Dense(features, use_bias=False, kernel_init=kernel_init, name="project_class")
    return super().first_layer(latents, classes, features) + of_class(required(classes))


class Discriminator(pixelnorm_dcgan.Discriminator):
  """The PixelNorm DCGAN's, with a projection. It raises ValueError without classes."""

  def decide(self, features: jax.Array, classes: jax.Array | None, train: bool) -> jax.Array:
    """Features, float32 [batch, n], of images said to be of a class, to logits [batch]."""
    # Starts as the common row does, so that neither term drowns the other.
    embed = nn.Dense(features.shape[-1], use_bias=False, kernel_init=kernel_init, name="embed")
    embedded = self.weigh(embed, required(classes), train)
    return super().decide(features, classes, train) + jnp.sum(embedded * features, axis=-1)
