"""The PixelNorm DCGAN of Ghanim and Abdulmunem 2026 (section 4, figures 3 and 4).

Where the paper is silent: LeakyReLU slope 0.2 and N(0, 0.02) kernels as in Radford et al. 2016,
4×4 "SAME" kernels throughout, the last transposed convolution at stride 1 (three stride-2 layers
already reach 48×48), BatchNorm momentum 0.9. Convolutions in front of BatchNorm have no bias: the
mean subtraction cancels it.
"""

import flax.linen as nn
import jax

from dcgan_jax.models.layers import (
  ConvolutionalDiscriminator,
  ConvTranspose,
  Dense,
  leaky_relu,
  pixel_norm,
)
from dcgan_jax.models.networks import Judgement


class Generator(nn.Module):
  """Latents to pixels: dense, then three doublings, PixelNorm and LeakyReLU after each.

  Attributes:
    image_size: height and width of the output, divisible by 8.
    channels: 1 for grayscale.
    width: filters of the last hidden layer (the paper's 64; layers have 8, 4, 2, 1 times it).
  """

  image_size: int = 48
  channels: int = 1
  width: int = 64

  @nn.compact
  def __call__(
    self, latents: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> jax.Array:
    """float32 [batch, latent_size] to [batch, image_size, image_size, channels] in [-1, 1].

    `train` is ignored: PixelNorm has no running statistics. What classes do is up to `first_layer`.
    """
    side = self.image_size // 8
    x = self.first_layer(latents, classes, side * side * 8 * self.width)
    x = x.reshape(-1, side, side, 8 * self.width)
    x = leaky_relu(pixel_norm(x))
    for i, multiple in enumerate((4, 2, 1)):
      x = ConvTranspose(multiple * self.width, name=f"up{i + 1}")(x)
      x = leaky_relu(pixel_norm(x))
    return nn.tanh(ConvTranspose(self.channels, stride=1, name="to_pixels")(x))

  def first_layer(self, latents: jax.Array, classes: jax.Array | None, features: int) -> jax.Array:
    """The first layer, to float32 [batch, features]; the class counts in a subclass only."""
    return Dense(features, name="project")(latents)


class Discriminator(ConvolutionalDiscriminator):
  """Pixels to one logit: four halvings, LeakyReLU after each, BatchNorm from the second on.

  The paper's width is 64; layers have 1, 2, 4, 8 times it.
  """

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """float32 [batch, size, size, channels], size divisible by 16; `decide` reads the classes."""
    x = pixels
    for i, multiple in enumerate((1, 2, 4, 8), start=1):
      x = self.hidden(x, i, multiple * self.width, train, batch_norm=i > 1)
    return Judgement(self.decide(x.reshape(x.shape[0], -1), classes, train))

  def decide(self, features: jax.Array, classes: jax.Array | None, train: bool) -> jax.Array:
    """Features, float32 [batch, n], to logits [batch]; the class counts in a subclass."""
    return self.weigh(Dense(1, name="logit"), features, train)[:, 0]
