"""Layers shared by the architectures: convolutions that lower by platform, PixelNorm, LeakyReLU."""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models import convolutions

# Radford et al. 2016, section 4: "zero-centered Normal distribution with standard deviation 0.02".
kernel_init = nn.initializers.normal(0.02)

leaky_relu = partial(nn.leaky_relu, negative_slope=0.2)

Dense = partial(nn.Dense, kernel_init=kernel_init)


class _Convolution(nn.Module):
  """The parameters common to both convolutions; subclasses name the operation."""

  features: int
  taps: int = 4
  stride: int = 2
  use_bias: bool = True

  operation: Callable[[jax.Array, jax.Array, int], jax.Array] | None = None

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """float32 [batch, height, width, in] to [batch, new height, new width, features]."""
    assert self.operation is not None
    shape = (self.taps, self.taps, x.shape[-1], self.features)
    y = self.operation(x, self.param("kernel", kernel_init, shape), self.stride)
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
