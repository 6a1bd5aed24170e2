"""A small residual network that names the expression of a face.

ResNet's basic blocks (He et al. 2016), with two changes that cost nothing: convolutions that halve
the image have 4×4 kernels, centred on the pixels they merge, and shortcuts average before they
project, so that no pixel is skipped (He et al. 2019, "ResNet-D"). The stem halves the image and the
first block does again, since a CPU spends as long on a block at 24×24 as on two at 12×12 with twice
the filters. At 48×48×1 and width 32: 84 MFLOP for a forward pass, 1.6 million parameters.
"""

from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models.layers import BatchNorm, Conv

STRIDE = 16  # of the whole network: images are divisible by it


class ExpressionClassifier(nn.Module):
  """Pixels to one logit per class.

  Attributes:
    num_classes: how many expressions there are.
    width: filters of the stem; the blocks have 2, 2, 4, 8 times it.
    axis_name: mapped axis over which BatchNorm averages; None on a single device.
  """

  num_classes: int
  width: int = 32
  axis_name: str | None = None

  @nn.compact
  def __call__(self, pixels: jax.Array, train: bool = True) -> jax.Array:
    """float32 [batch, height, width, channels], sides divisible by 16, to [batch, num_classes]."""
    norm = partial(BatchNorm, use_running_average=not train, axis_name=self.axis_name)
    last = _features(pixels, self.width, norm)[-1]
    return nn.Dense(self.num_classes, name="logits")(jnp.mean(last, axis=(1, 2)))


class ExpressionFeatures(nn.Module):
  """What each layer of a trained classifier makes of pixels; its variables, without the logits.

  Attributes:
    width: as in ExpressionClassifier.
  """

  width: int = 32

  @nn.compact
  def __call__(self, pixels: jax.Array) -> list[jax.Array]:
    """The stem's and the four blocks' features.

    Args:
      pixels: float32 [batch, height, width, channels], sides divisible by 16.

    Returns:
      float32 [batch, height / n, width / n, features], n = 2, 4, 4, 8, 16.
    """
    return _features(pixels, self.width, partial(BatchNorm, use_running_average=True))


def _features(pixels: jax.Array, width: int, norm: Any) -> list[jax.Array]:
  """The layers' features; to be called in a module's compact method, whose submodules they are."""
  x = Conv(width, use_bias=False, name="stem")(standardize(pixels))
  layers = [nn.relu(norm(name="stem_norm")(x))]
  for i, (multiple, stride) in enumerate(((2, 2), (2, 1), (4, 2), (8, 2))):
    layers.append(_Block(multiple * width, stride, norm, name=f"block{i + 1}")(layers[-1]))
  return layers


class _Block(nn.Module):
  """Two convolutions beside a shortcut."""

  features: int
  stride: int
  norm: Any  # makes a BatchNorm

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    conv = partial(Conv, self.features, use_bias=False)
    y = conv(taps=2 + self.stride, stride=self.stride, name="conv1")(x)
    y = nn.relu(self.norm(name="norm1")(y))
    y = self.norm(name="norm2")(conv(taps=3, stride=1, name="conv2")(y))
    if self.stride > 1:
      x = nn.avg_pool(x, (self.stride, self.stride), (self.stride, self.stride))
      x = self.norm(name="shortcut_norm")(conv(taps=1, stride=1, name="shortcut")(x))
    return nn.relu(x + y)


def standardize(pixels: jax.Array) -> jax.Array:
  """Each image to mean 0 and standard deviation 1, so that exposure and contrast do not matter.

  Tang 2013, who won the challenge that FER-2013 was made for, normalises each image likewise.

  Args:
    pixels: float32 [batch, height, width, channels].

  Returns:
    The same shape; zeros for an image of one colour.
  """
  mean = jnp.mean(pixels, axis=(1, 2, 3), keepdims=True)
  deviation = jnp.std(pixels, axis=(1, 2, 3), keepdims=True)
  # Less than a tenth of a gray level is rounding, not contrast.
  return (pixels - mean) / jnp.maximum(deviation, 1e-3)
