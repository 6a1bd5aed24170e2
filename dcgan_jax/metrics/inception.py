"""The Inception network of 2015-12-05, whose features define FID, with BatchNorm folded in.

Szegedy et al. 2015 ("Rethinking the Inception Architecture"), as the TensorFlow graph of that date
has it: 1,008 outputs, average pooling that does not count its padding, and a maximum instead of
an average in the last block. Modules bear the names of torch-fidelity's state dict.
"""

from collections.abc import Iterable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.metrics.convolutions import conv
from dcgan_jax.metrics.inception_shapes import SHAPES
from dcgan_jax.metrics.weight_files import InceptionTensors

PyTree = Any

FEATURES = 2048


class BasicConv2d(nn.Module):
  """Convolution, bias (BatchNorm is folded into both) and ReLU; "SAME" padding unless told."""

  features: int
  window: tuple[int, int] = (1, 1)
  stride: int = 1
  padding: str = "SAME"
  pool: bool = False  # average 3×3 windows before the ReLU

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, height, width, in] to [n, height', width', features]."""
    kernel = self.param("kernel", nn.initializers.zeros, (*self.window, x.shape[-1], self.features))
    bias = self.param("bias", nn.initializers.zeros, (self.features,))
    down, across = (side // 2 if self.padding == "SAME" else 0 for side in self.window)
    y = conv(x, kernel, self.stride, ((down, down), (across, across))) + bias
    if self.pool:
      y = nn.avg_pool(y, (3, 3), (1, 1), "SAME", count_include_pad=False)
    return nn.relu(y)


def _concatenate(branches: Iterable[jax.Array]) -> jax.Array:
  return jnp.concatenate(list(branches), axis=-1)


class InceptionA(nn.Module):
  """Mixed_5b to 5d, at 35×35."""

  pool_features: int

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 35, 35, in] to [n, 35, 35, 224 + pool_features]."""
    branch1x1 = BasicConv2d(64, name="branch1x1")(x)
    branch5x5 = BasicConv2d(48, name="branch5x5_1")(x)
    branch5x5 = BasicConv2d(64, (5, 5), name="branch5x5_2")(branch5x5)
    branch3x3dbl = BasicConv2d(64, name="branch3x3dbl_1")(x)
    branch3x3dbl = BasicConv2d(96, (3, 3), name="branch3x3dbl_2")(branch3x3dbl)
    branch3x3dbl = BasicConv2d(96, (3, 3), name="branch3x3dbl_3")(branch3x3dbl)
    # The published order is pool, then 1×1 convolution. Both are linear and an average of the bias
    # is the bias, so they commute, and the convolution leaves fewer channels to pool.
    branch_pool = BasicConv2d(self.pool_features, pool=True, name="branch_pool")(x)
    return _concatenate([branch1x1, branch5x5, branch3x3dbl, branch_pool])


class InceptionB(nn.Module):
  """Mixed_6a: 35×35 to 17×17."""

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 35, 35, 288] to [n, 17, 17, 768]."""
    branch3x3 = BasicConv2d(384, (3, 3), 2, "VALID", name="branch3x3")(x)
    branch3x3dbl = BasicConv2d(64, name="branch3x3dbl_1")(x)
    branch3x3dbl = BasicConv2d(96, (3, 3), name="branch3x3dbl_2")(branch3x3dbl)
    branch3x3dbl = BasicConv2d(96, (3, 3), 2, "VALID", name="branch3x3dbl_3")(branch3x3dbl)
    return _concatenate([branch3x3, branch3x3dbl, nn.max_pool(x, (3, 3), (2, 2))])


class InceptionC(nn.Module):
  """Mixed_6b to 6e, at 17×17: 7×7 windows as 1×7 and 7×1."""

  width: int

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 17, 17, 768] to the same shape."""
    branch1x1 = BasicConv2d(192, name="branch1x1")(x)
    branch7x7 = BasicConv2d(self.width, name="branch7x7_1")(x)
    branch7x7 = BasicConv2d(self.width, (1, 7), name="branch7x7_2")(branch7x7)
    branch7x7 = BasicConv2d(192, (7, 1), name="branch7x7_3")(branch7x7)
    branch7x7dbl = BasicConv2d(self.width, name="branch7x7dbl_1")(x)
    branch7x7dbl = BasicConv2d(self.width, (7, 1), name="branch7x7dbl_2")(branch7x7dbl)
    branch7x7dbl = BasicConv2d(self.width, (1, 7), name="branch7x7dbl_3")(branch7x7dbl)
    branch7x7dbl = BasicConv2d(self.width, (7, 1), name="branch7x7dbl_4")(branch7x7dbl)
    branch7x7dbl = BasicConv2d(192, (1, 7), name="branch7x7dbl_5")(branch7x7dbl)
    branch_pool = BasicConv2d(192, pool=True, name="branch_pool")(x)
    return _concatenate([branch1x1, branch7x7, branch7x7dbl, branch_pool])


class InceptionD(nn.Module):
  """Mixed_7a: 17×17 to 8×8."""

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 17, 17, 768] to [n, 8, 8, 1280]."""
    branch3x3 = BasicConv2d(192, name="branch3x3_1")(x)
    branch3x3 = BasicConv2d(320, (3, 3), 2, "VALID", name="branch3x3_2")(branch3x3)
    branch7x7x3 = BasicConv2d(192, name="branch7x7x3_1")(x)
    branch7x7x3 = BasicConv2d(192, (1, 7), name="branch7x7x3_2")(branch7x7x3)
    branch7x7x3 = BasicConv2d(192, (7, 1), name="branch7x7x3_3")(branch7x7x3)
    branch7x7x3 = BasicConv2d(192, (3, 3), 2, "VALID", name="branch7x7x3_4")(branch7x7x3)
    return _concatenate([branch3x3, branch7x7x3, nn.max_pool(x, (3, 3), (2, 2))])


class InceptionE(nn.Module):
  """Mixed_7b and 7c, at 8×8."""

  max_pool: bool  # in the last block, by what is held to be a slip of the original graph

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 8, 8, in] to [n, 8, 8, 2048]."""
    branch1x1 = BasicConv2d(320, name="branch1x1")(x)
    branch3x3 = BasicConv2d(384, name="branch3x3_1")(x)
    branch3x3a = BasicConv2d(384, (1, 3), name="branch3x3_2a")(branch3x3)
    branch3x3b = BasicConv2d(384, (3, 1), name="branch3x3_2b")(branch3x3)
    branch3x3dbl = BasicConv2d(448, name="branch3x3dbl_1")(x)
    branch3x3dbl = BasicConv2d(384, (3, 3), name="branch3x3dbl_2")(branch3x3dbl)
    branch3x3dbla = BasicConv2d(384, (1, 3), name="branch3x3dbl_3a")(branch3x3dbl)
    branch3x3dblb = BasicConv2d(384, (3, 1), name="branch3x3dbl_3b")(branch3x3dbl)
    if self.max_pool:
      x = nn.max_pool(x, (3, 3), (1, 1), "SAME")
    branch_pool = BasicConv2d(192, pool=not self.max_pool, name="branch_pool")(x)
    return _concatenate(
      [branch1x1, branch3x3a, branch3x3b, branch3x3dbla, branch3x3dblb, branch_pool]
    )


class Inception(nn.Module):
  """Pixels to the 2,048 features of the last pooling, "pool3"."""

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    """Float32 [n, 299, 299, 1 or 3] as `resize.to_inception` gives them to [n, 2048].

    Gray images stand for three equal channels.
    """
    x = jnp.broadcast_to(x, (*x.shape[:-1], 3))
    x = BasicConv2d(32, (3, 3), 2, "VALID", name="Conv2d_1a_3x3")(x)
    x = BasicConv2d(32, (3, 3), 1, "VALID", name="Conv2d_2a_3x3")(x)
    x = BasicConv2d(64, (3, 3), name="Conv2d_2b_3x3")(x)
    x = nn.max_pool(x, (3, 3), (2, 2))
    x = BasicConv2d(80, name="Conv2d_3b_1x1")(x)
    x = BasicConv2d(192, (3, 3), 1, "VALID", name="Conv2d_4a_3x3")(x)
    x = nn.max_pool(x, (3, 3), (2, 2))
    x = InceptionA(32, name="Mixed_5b")(x)
    x = InceptionA(64, name="Mixed_5c")(x)
    x = InceptionA(64, name="Mixed_5d")(x)
    x = InceptionB(name="Mixed_6a")(x)
    x = InceptionC(128, name="Mixed_6b")(x)
    x = InceptionC(160, name="Mixed_6c")(x)
    x = InceptionC(160, name="Mixed_6d")(x)
    x = InceptionC(192, name="Mixed_6e")(x)
    x = InceptionD(name="Mixed_7a")(x)
    x = InceptionE(max_pool=False, name="Mixed_7b")(x)
    x = InceptionE(max_pool=True, name="Mixed_7c")(x)
    return jnp.mean(x, axis=(1, 2))


def variables(tensors: InceptionTensors) -> PyTree:
  """The module's variables, {"params": {block: {branch: {"kernel", "bias"}}}}, from a file's."""
  params: dict[str, Any] = {}
  for shape, convolution in zip(SHAPES, tensors.convolutions, strict=True):
    *blocks, name = shape.name.split(".")
    inner = params
    for block in blocks:
      inner = inner.setdefault(block, {})
    inner[name] = {"kernel": convolution.kernel, "bias": convolution.bias}
  return {"params": params}
