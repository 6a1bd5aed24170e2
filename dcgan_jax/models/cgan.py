"""The conditional GAN of GAN_FacialExpression (Keras, FER-2013 at 48×48); published width 128.

The class enters either network through an embedding of 50 numbers. Neither network has BatchNorm.
Every layer has a bias, as Keras gives one by default.

Where the source is silent: "SAME" padding, Keras's initialisation (keras_layers.py), LeakyReLU
slope 0.2 after the generator's dense layers too. `width` is the number of filters everywhere.
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
from dcgan_jax.models.layers import Dropout, leaky_relu, required
from dcgan_jax.models.networks import Judgement

_EMBEDDING = 50
_DROPOUT = 0.4


class Generator(nn.Module):
  """Latents and class, a quarter of the image's size each, then two doublings, LeakyReLU.

  Attributes:
    image_size: height and width of the output, divisible by 4.
    channels: 1 for grayscale.
    width: filters of every hidden layer (published: 128).
  """

  image_size: int = 48
  channels: int = 1
  width: int = 128

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
    maps = [
      leaky_relu(Dense(side * side * self.width, name=name)(x)).reshape(-1, side, side, self.width)
      for name, x in (("project_class", embedded), ("project", latents))
    ]
    x = jnp.concatenate(maps, axis=-1)
    for i in (1, 2):
      x = leaky_relu(ConvTranspose(self.width, name=f"up{i}")(x))
    # Published as a convolution. At stride 1 a transposed convolution is one, with the kernel
    # turned, but its CPU form makes windows of 144 numbers a pixel, not 18,432 (170 MB an image).
    return nn.tanh(ConvTranspose(self.channels, taps=12, stride=1, name="to_pixels")(x))


class Discriminator(ConvolutionalDiscriminator):
  """Pixels and a picture made of the class to one logit: two halvings, LeakyReLU, dropout.

  Both convolutions have `width` filters (published: 128). There is no BatchNorm to leave out.
  """

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """float32 [batch, size, size, channels], size divisible by 4, with classes.

    Raises:
      ValueError: no classes.
    """
    batch, height, width, _ = pixels.shape
    # Not spectrally normalised: that bounds how fast the logit moves with the pixels.
    embedded = Embedding(_EMBEDDING, name="embed")(required(classes))
    picture = self.weigh(Dense(height * width, name="project_class"), embedded, train)
    x = jnp.concatenate([pixels, picture.reshape(batch, height, width, 1)], axis=-1)
    for i in (1, 2):
      x = self.hidden(x, i, self.width, train, taps=3, batch_norm=False)
    x = Dropout(_DROPOUT, self.axis_name)(x.reshape(batch, -1), train)
    return Judgement(self.weigh(Dense(1, name="logit"), x, train)[:, 0])
