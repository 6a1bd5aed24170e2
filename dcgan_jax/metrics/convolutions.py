"""Convolutions for inference, fast on each platform: native on TPU and GPU, matmuls on CPU.

XLA's CPU backend runs Inception's convolutions at about half the speed of the matmuls they are.
There a 3×3 window of stride 1 is computed by Winograd's F(2×2, 3×3), which needs 16 products where
the definition takes 36, and any other window as one matmul with its patches. Both are the same
mathematics; features move by about 1e-6 of their size.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from dcgan_jax.models import winograd
from dcgan_jax.models.precision import computing_in

Padding = tuple[tuple[int, int], tuple[int, int]]


def conv(x: jax.Array, kernel: jax.Array, stride: int, padding: Padding) -> jax.Array:
  """Convolution without gradients.

  Args:
    x: float32 [batch, height, width, in].
    kernel: float32 [kh, kw, in, out] (HWIO).
    stride: the same both ways.
    padding: zeros before and after, by height and by width.

  Returns:
    float32 [batch, (height + pads - kh) // stride + 1, likewise for the width, out].
  """
  three_by_three = kernel.shape[:2] == (3, 3) and stride == 1
  cpu = winograd.conv_unpadded if three_by_three else partial(_patches, stride=stride)
  native = partial(_native, stride=stride, padding=padding)

  def on_cpu(x: jax.Array, kernel: jax.Array) -> jax.Array:
    with computing_in("float32"):  # scores are compared, whatever JAX's setting
      return cpu(jnp.pad(x, ((0, 0), *padding, (0, 0))), kernel)

  return lax.platform_dependent(x, kernel, cpu=on_cpu, default=native)


def _native(x: jax.Array, kernel: jax.Array, stride: int, padding: Padding) -> jax.Array:
  # On TPU and Ampere GPUs float32 would else be multiplied in fewer bits.
  return lax.conv_general_dilated(
    x,
    kernel,
    (stride, stride),
    padding,
    dimension_numbers=("NHWC", "HWIO", "NHWC"),
    precision=lax.Precision.HIGHEST,
  )


def _patches(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """One matmul between every window, laid out as a row, and the kernel."""
  kh, kw, channels, out = kernel.shape
  height, width = (x.shape[1] - kh) // stride + 1, (x.shape[2] - kw) // stride + 1
  rows = partial(_every, axis=1, stride=stride, count=height)
  columns = partial(_every, axis=2, stride=stride, count=width)
  taps = [columns(rows(x, first=i), first=j) for i in range(kh) for j in range(kw)]
  windows = taps[0] if len(taps) == 1 else jnp.concatenate(taps, axis=-1)
  y = windows.reshape(-1, kh * kw * channels) @ kernel.reshape(-1, out)
  return y.reshape(-1, height, width, out)


def _every(x: jax.Array, axis: int, first: int, stride: int, count: int) -> jax.Array:
  """`count` slices of an axis from `first` on, `stride` apart."""
  return lax.slice_in_dim(x, first, first + (count - 1) * stride + 1, stride, axis)
