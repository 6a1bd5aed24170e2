"""The PixelNorm DCGAN made conditional: the class moves the first layer, and a projection judges.

Not of the reproduced sources. In the generator each class adds a map of its own to what the latents
make, which PixelNorm then scales; in the discriminator each class has a row of weights on the
features beside the common one (Miyato and Koyama 2018, Eq. 3). All else is pixelnorm_dcgan.py's.
"""

import jax
import jax.numpy as jnp

from dcgan_jax.models import pixelnorm_dcgan
from dcgan_jax.models.layers import Dense, required


class Generator(pixelnorm_dcgan.Generator):
  """The PixelNorm generator of a class."""

  def first_layer(self, latents: jax.Array, classes: jax.Array | None, features: int) -> jax.Array:
    """The sum of what the latents and the class make.

    Args:
      latents: float32 [batch, latent_size].
      classes: float32 [batch, num_classes].
      features: of the result.

    Returns:
      float32 [batch, features].

    Raises:
      ValueError: no classes.
    """
    of_class = Dense(features, use_bias=False, name="project_class")
    return super().first_layer(latents, classes, features) + of_class(required(classes))


class Discriminator(pixelnorm_dcgan.Discriminator):
  """The PixelNorm DCGAN's, which asks whether the pixels are real ones of the class."""

  def decide(self, features: jax.Array, classes: jax.Array | None, train: bool) -> jax.Array:
    """The common logit and the class's projection.

    Args:
      features: float32 [batch, n].
      classes: float32 [batch, num_classes].
      train: whether spectral normalisation's vectors are renewed.

    Returns:
      float32 [batch], logits.

    Raises:
      ValueError: no classes.
    """
    # Starts as the common row does, so that neither term drowns the other.
    embed = Dense(features.shape[-1], use_bias=False, name="embed")
    embedded = self.weigh(embed, required(classes), train)
    return super().decide(features, classes, train) + jnp.sum(embedded * features, axis=-1)
