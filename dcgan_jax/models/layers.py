"""Layers shared by the architectures, and the part that all discriminators have in common."""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax import parallel
from dcgan_jax.models import convolutions
from dcgan_jax.models.precision import activation_dtype

Initializer = nn.initializers.Initializer

# Radford et al. 2016, section 4: "zero-centered Normal distribution with standard deviation 0.02".
kernel_init: Initializer = nn.initializers.normal(0.02)

leaky_relu = partial(nn.leaky_relu, negative_slope=0.2)

Dense = partial(nn.Dense, kernel_init=kernel_init)

# PyTorch's momentum 0.1 and epsilon 1e-5.
MOMENTUM = 0.9
BatchNorm = partial(nn.BatchNorm, momentum=MOMENTUM, epsilon=1e-5)


class _Convolution(nn.Module):
  """The parameters common to both convolutions; subclasses name the operation."""

  features: int
  taps: int = 4
  stride: int = 2
  use_bias: bool = True
  kernel_init: Initializer = kernel_init

  operation: Callable[[jax.Array, jax.Array, int], jax.Array] | None = None

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """float32 [batch, height, width, in] to [batch, new height, new width, features]."""
    assert self.operation is not None
    shape = (self.taps, self.taps, x.shape[-1], self.features)
    kernel, dtype = self.param("kernel", self.kernel_init, shape), activation_dtype()
    y = self.operation(x.astype(dtype), kernel.astype(dtype), self.stride).astype(x.dtype)
    if self.use_bias:
      y = y + self.param("bias", nn.initializers.zeros, (self.features,))
    return y


class Conv(_Convolution):
  """Convolution with "SAME" padding; `taps` is the kernel's side."""

  operation: Callable[[jax.Array, jax.Array, int], jax.Array] | None = convolutions.conv


class ConvTranspose(_Convolution):
  """Transposed convolution with "SAME" padding; `taps` is the kernel's side."""

  operation: Callable[[jax.Array, jax.Array, int], jax.Array] | None = convolutions.conv_transpose


def pixel_norm(x: jax.Array, epsilon: float = 1e-8) -> jax.Array:
  """Scales each pixel's feature vector to unit mean square (Karras et al. 2018, section 4.2).

  Args:
    x: float [..., features].
    epsilon: keeps an all-zero pixel finite.

  Returns:
    float of the same shape.
  """
  return x * jax.lax.rsqrt(jnp.mean(jnp.square(x), axis=-1, keepdims=True) + epsilon)


class Dropout(nn.Module):
  """Dropout (Srivastava et al. 2014), the same for an image wherever it is computed.

  An image's mask follows from the key and the image's place in the global batch, so that training
  is the same mathematics on any number of devices, each of which draws only its own masks.

  Attributes:
    rate: share of the activations set to 0; the others are divided by 1 - rate.
    axis_name: mapped axis that the batch is spread over, None outside of one. The key, from
      `rngs={"dropout": key}`, must be the same all along it.
  """

  rate: float
  axis_name: str | None = None

  @nn.compact
  def __call__(self, x: jax.Array, train: bool) -> jax.Array:
    """float [share of the batch, ...] to the same shape; the identity unless `train`."""
    if not train:
      return x
    keep = 1.0 - self.rate
    key = self.make_rng("dropout")
    images = jnp.arange(parallel.axis_size(self.axis_name) * x.shape[0])

    def draw(image: jax.Array) -> jax.Array:
      return jax.random.bernoulli(jax.random.fold_in(key, image), keep, x.shape[1:])

    kept = jax.vmap(draw)(parallel.own_share(images, self.axis_name))
    return jnp.where(kept, x / keep, 0.0)


class ConvolutionalDiscriminator(nn.Module):
  """What all discriminators share: their attributes, and how a layer is made under them.

  Attributes:
    width: filters of the first convolution; the others have multiples of it.
    spectral_norm: divides every kernel by its largest singular value (Miyato et al. 2018). The
      power iteration's vectors are batch_stats; parameters have the same names and shapes.
    batch_norm: False leaves BatchNorm out, as gradient penalties need: it ties the images of a
      batch together. A convolution that loses its BatchNorm gets a bias for the lost shift.
    axis_name: mapped axis over which BatchNorm averages; None on a single device.
    kernel_init: of the convolutions.
  """

  width: int = 64
  spectral_norm: bool = False
  batch_norm: bool = True
  axis_name: str | None = None
  kernel_init: Initializer = kernel_init

  def weigh(self, layer: nn.Module, x: jax.Array, train: bool) -> jax.Array:
    """`layer(x)`, where `layer` has a kernel and a name, with that kernel as spectral_norm says."""
    if not self.spectral_norm:
      return layer(x)
    return nn.SpectralNorm(layer, name=f"{layer.name}_spectral")(x, update_stats=train)

  def hidden(
    self,
    x: jax.Array,
    number: int,
    features: int,
    train: bool,
    *,
    taps: int = 4,
    stride: int = 2,
    batch_norm: bool = True,
    use_bias: bool = True,
  ) -> jax.Array:
    """Convolution, BatchNorm where it is wanted and allowed, LeakyReLU.

    Args:
      x: float32 [batch, height, width, in].
      number: the layer's place, which names its parameters: down1, norm1 and so on.
      features: the convolution's filters.
      train: whether batch_stats are those of the batch.
      taps: the kernel's side.
      stride: the convolution's.
      batch_norm: whether the architecture has one here.
      use_bias: whether the convolution has a bias where no BatchNorm follows; in front of one it
        never does, since the mean subtraction cancels it.

    Returns:
      float32 [batch, height / stride, width / stride, features].
    """
    batch_norm = batch_norm and self.batch_norm
    bias = use_bias and not batch_norm
    convolution = Conv(features, taps, stride, bias, self.kernel_init, name=f"down{number}")
    x = self.weigh(convolution, x, train)
    if batch_norm:
      x = BatchNorm(not train, axis_name=self.axis_name, name=f"norm{number}")(x)
    return leaky_relu(x)


def required(classes: jax.Array | None) -> jax.Array:
  """The classes that a conditional network cannot do without.

  Raises:
    ValueError: there are none.
  """
  if classes is None:
    raise ValueError("a conditional network needs classes, float [batch, num_classes]")
  return classes
