"""The DCGAN of Radford et al. 2016, as two of the reproduced systems use it; published width 64.

The report "Facial Expression Generation Using DCGAN" (section 3) lists it for 64×64×3: no bias
anywhere, BatchNorm with epsilon 1e-5 and PyTorch's momentum 0.1, a first transposed convolution
that makes 4×4 of the latents and a last convolution that covers the 4×4 whole. It says that 48×48×1
changes the generator's first and last layers, not how: here the map between the convolutions is
3×3, as is the kernel of the layer at either end of it, and the last filters are one. The listing's
sigmoid is left to the loss.

Dong and Li ("Face Generation Model Based on DCGAN", sections 5 and 6) describe this network at
64×64×3 with latents uniform on [-1, 1]: maps that double while their channels halve, no fully
connected layer, BatchNorm but for the generator's output and the discriminator's input, ReLU and
tanh in the generator, LeakyReLU in the discriminator. They give neither kernels nor filters nor a
slope; the report's fit all they say.

The report names no initialisation: N(0, 0.02) as in Radford et al., BatchNorm at scale 1, shift 0.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models.layers import (
  BatchNorm,
  ConvolutionalDiscriminator,
  ConvTranspose,
  kernel_init,
)
from dcgan_jax.models.networks import Judgement


class FromPoint(nn.Module):
  """Transposed convolution of a 1×1 map, stride 1, no padding, no bias.

  Attributes:
    features: output channels.
    taps: the kernel's side, which is the output's.
  """

  features: int
  taps: int

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """float32 [batch, in] to [batch, taps, taps, features]."""
    shape = (self.taps, self.taps, x.shape[-1], self.features)
    return jnp.einsum("bi,hwio->bhwo", x, self.param("kernel", kernel_init, shape))


class ToPoint(nn.Module):
  """Convolution without padding or bias whose kernel covers the whole map; one filter."""

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """float32 [batch, height, width, in] to [batch]."""
    kernel = self.param("kernel", kernel_init, (*x.shape[1:], 1))
    return jnp.einsum("bhwi,hwio->b", x, kernel)


class Generator(nn.Module):
  """Latents to pixels: a sixteenth of the size at once, then four doublings, BatchNorm and ReLU.

  Attributes:
    image_size: height and width of the output, divisible by 16.
    channels: 1 for grayscale.
    width: filters of the last hidden layer (published: 64; layers have 8, 4, 2, 1 times it).
    axis_name: mapped axis over which BatchNorm averages; None on a single device.
  """

  image_size: int = 48
  channels: int = 1
  width: int = 64
  axis_name: str | None = None

  @nn.compact
  def __call__(
    self, latents: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> jax.Array:
    """float32 [batch, latent_size] to [batch, image_size, image_size, channels] in [-1, 1]."""
    x = FromPoint(8 * self.width, self.image_size // 16, name="up1")(latents)
    x = nn.relu(self.normalize(x, classes, train, name="norm1"))
    for i, multiple in enumerate((4, 2, 1), start=2):
      x = ConvTranspose(multiple * self.width, use_bias=False, name=f"up{i}")(x)
      x = nn.relu(self.normalize(x, classes, train, name=f"norm{i}"))
    return nn.tanh(ConvTranspose(self.channels, use_bias=False, name="to_pixels")(x))

  def normalize(self, x: jax.Array, classes: jax.Array | None, train: bool, name: str) -> jax.Array:
    """BatchNorm, to which the class makes no difference."""
    return BatchNorm(not train, axis_name=self.axis_name, name=name)(x)


class Discriminator(ConvolutionalDiscriminator):
  """Pixels to one logit: four halvings, LeakyReLU after each, BatchNorm from the second on.

  The published width is 64; layers have 1, 2, 4, 8 times it.
  """

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """float32 [batch, size, size, channels], size divisible by 16; classes are ignored."""
    x = pixels
    for i, multiple in enumerate((1, 2, 4, 8), start=1):
      x = self.hidden(x, i, multiple * self.width, train, batch_norm=i > 1, use_bias=i > 1)
    return Judgement(self.weigh(ToPoint(name="logit"), x, train))
