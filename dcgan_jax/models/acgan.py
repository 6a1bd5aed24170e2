"""The auxiliary-classifier GAN of GAN_FacialExpression (Keras, FER-2013 at 48×48).

The class enters the generator as one more channel; the discriminator sees no class but guesses it
(Odena et al. 2017). `width` is the number of the discriminator's first filters: its layers have 1,
2, 4, 8 times it, the generator's 12 and 6 times. At the published width, 32, those are 32, 64, 128,
256, and 384 and 192.

Where the source is silent: "SAME" padding, Keras's initialisation (keras_layers.py), BatchNorm
momentum 0.9 and epsilon 1e-5, dropout off when images are sampled or judged outside of training.
Convolutions in front of BatchNorm have no bias: the mean subtraction cancels it.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models.keras_layers import (
  ConvolutionalDiscriminator,
  ConvTranspose,
  Dense,
  Embedding,
)
from dcgan_jax.models.layers import BatchNorm, Dropout, required
from dcgan_jax.models.networks import Judgement

_EMBEDDING = 50
_DROPOUT = 0.5


class Generator(nn.Module):
  """Latents, a quarter of the image's size, with the class as a channel; then two doublings.

  Attributes:
    image_size: height and width of the output, divisible by 4.
    channels: 1 for grayscale.
    width: a twelfth of the first layer's filters, a sixth of the second's (published: 32).
    axis_name: mapped axis over which BatchNorm averages; None on a single device.
  """

  image_size: int = 48
  channels: int = 1
  width: int = 32
  axis_name: str | None = None

  @nn.compact
  def __call__(
    self, latents: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> jax.Array:
    """float32 [batch, latent_size] to [batch, image_size, image_size, channels] in [-1, 1].

    Raises:
      ValueError: no classes.
    """
    side = self.image_size // 4
    embedded = Embedding(_EMBEDDING, name="embed")(required(classes))
    channel = Dense(side * side, name="project_class")(embedded).reshape(-1, side, side, 1)
    x = nn.relu(Dense(side * side * 12 * self.width, name="project")(latents))
    x = jnp.concatenate([x.reshape(-1, side, side, 12 * self.width), channel], axis=-1)
    x = ConvTranspose(6 * self.width, taps=5, use_bias=False, name="up1")(x)
    x = nn.relu(BatchNorm(not train, axis_name=self.axis_name, name="norm1")(x))
    return nn.tanh(ConvTranspose(self.channels, taps=5, name="to_pixels")(x))


class Discriminator(ConvolutionalDiscriminator):
  """Pixels to two heads, real or fake and which class; the published width is 32.

  Three halvings and a fourth convolution at stride 1, LeakyReLU and dropout after each, BatchNorm
  from the second on.

  Attributes:
    num_classes: classes to tell apart.
  """

  num_classes: int = 7

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """float32 [batch, size, size, channels], size divisible by 8; given classes are ignored."""
    x = pixels
    for i, (multiple, stride) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1)), start=1):
      x = self.hidden(x, i, multiple * self.width, train, taps=3, stride=stride, batch_norm=i > 1)
      x = Dropout(_DROPOUT, self.axis_name)(x, train)
    x = x.reshape(x.shape[0], -1)
    logits = self.weigh(Dense(1, name="logit"), x, train)[:, 0]
    return Judgement(logits, self.weigh(Dense(self.num_classes, name="class_logits"), x, train))
