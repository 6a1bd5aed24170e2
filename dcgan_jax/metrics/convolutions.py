"""Convolutions for inference, fast on each platform: native on TPU and GPU, matmuls on CPU.

XLA's CPU backend runs Inception's convolutions at about half the speed of the matmuls they are.
There a 3×3 window of stride 1 is computed by Winograd's F(2×2, 3×3), which needs 16 products where
the definition takes 36, and any other window as one matmul with its patches. Both are the same
mathematics; features move by about 1e-6 of their size.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Padding = tuple[tuple[int, int], tuple[int, int]]

# The smallest of Winograd's minimal filtering algorithms (Lavin and Gray 2016, Eq. 11), which
# also has the smallest rounding error: 2 outputs of a 3-tap filter from 4 products.
_FILTER = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32)


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
  cpu = _winograd if three_by_three else partial(_patches, stride=stride)
  native = partial(_native, stride=stride, padding=padding)

  def on_cpu(x: jax.Array, kernel: jax.Array) -> jax.Array:
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


def _winograd(x: jax.Array, kernel: jax.Array) -> jax.Array:
  """F(2×2, 3×3): 4×4 tiles at every second pixel, 16 matmuls over the channels, 2×2 outputs."""
  channels, out = kernel.shape[2:]
  height, width = x.shape[1] - 2, x.shape[2] - 2
  down, across = -(-height // 2), -(-width // 2)  # tiles; the last may reach beyond the image
  x = jnp.pad(x, ((0, 0), (0, 2 * down - height), (0, 2 * across - width), (0, 0)))
  filters = jnp.einsum("ai,bj,ijcd->abcd", _FILTER, _FILTER, kernel)

  rows = _transform_tiles([_every(x, 1, i, 2, down) for i in range(4)])
  tiles = [_transform_tiles([_every(row, 2, j, 2, across) for j in range(4)]) for row in rows]
  products = [
    [tiles[a][b].reshape(-1, channels) @ filters[a, b] for b in range(4)] for a in range(4)
  ]
  by_row = [_transform_products(row) for row in products]
  corners = [_transform_products([row[b] for row in by_row]) for b in range(2)]  # [column][row]

  shape = (-1, down, across, out)
  y = jnp.stack(
    [jnp.stack([corners[b][a].reshape(shape) for b in range(2)], axis=3) for a in range(2)], axis=2
  )
  return y.reshape(-1, 2 * down, 2 * across, out)[:, :height, :width]


def _every(x: jax.Array, axis: int, first: int, stride: int, count: int) -> jax.Array:
  """`count` slices of an axis from `first` on, `stride` apart."""
  return lax.slice_in_dim(x, first, first + (count - 1) * stride + 1, stride, axis)


def _transform_tiles(d: list[jax.Array]) -> list[jax.Array]:
  return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]


def _transform_products(m: list[jax.Array]) -> list[jax.Array]:
  return [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
