"""Convolutions as one matmul between pixels and windows of taps × taps pixels, for CPUs.

  convolution             y = windows(x) M      dx = overlap_add(dy Mᵀ)  dM = windows(x)ᵀ dy
  transposed convolution  y = overlap_add(x A)  dx = windows(dy) Aᵀ      dA = xᵀ windows(dy)

Arguments and results are those of convolutions.py.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from dcgan_jax.models.matmul import correlate, times, times_transposed


def conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Convolution."""
  return _project(_windows(x, kernel.shape[0], stride), _matrix(kernel, stride))


def conv_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv` by x and by the kernel, for a cotangent `dy`."""
  dx = _overlap_add(_project_back(dy, _matrix(kernel, stride)), kernel.shape[0], stride)
  dmatrix = correlate(_rows(_windows(x, kernel.shape[0], stride)), _rows(dy))
  return dx, _kernel(dmatrix, kernel.shape)


def conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Transposed convolution."""
  return _overlap_add(_project(x, _adjoint_matrix(kernel, stride)), kernel.shape[0], stride)


def conv_transpose_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv_transpose` by x and by the kernel, for a cotangent `dy`."""
  windows = _windows(dy, kernel.shape[0], stride)
  dx = _project_back(windows, _adjoint_matrix(kernel, stride))
  return dx, _adjoint_kernel(correlate(_rows(x), _rows(windows)), kernel.shape)


def _span(taps: int, stride: int) -> int:
  """The taps rounded up to whole strides."""
  return -(-taps // stride) * stride


def _matrix(kernel: jax.Array, stride: int) -> jax.Array:
  """HWIO kernel to the [span * span * in, out] that windows are multiplied with."""
  return _round_up(kernel, stride).reshape(-1, kernel.shape[3])


def _kernel(matrix: jax.Array, shape: tuple[int, ...]) -> jax.Array:
  """The adjoint of _matrix."""
  taps, _, channels, filters = shape
  span = math.isqrt(matrix.shape[0] // channels)
  return matrix.reshape(span, span, channels, filters)[:taps, :taps]


def _adjoint_matrix(kernel: jax.Array, stride: int) -> jax.Array:
  """HWIO kernel to the [in, span * span * out] whose products a transposed convolution adds up.

  A transposed convolution is the adjoint of the convolution with the kernel turned by 180°.
  """
  turned = _round_up(kernel[::-1, ::-1], stride)
  # The barrier has the matrix written out once in this order, rather than transposed per use.
  return lax.optimization_barrier(turned.transpose(2, 0, 1, 3).reshape(kernel.shape[2], -1))


def _adjoint_kernel(matrix: jax.Array, shape: tuple[int, ...]) -> jax.Array:
  """The adjoint of _adjoint_matrix."""
  taps, _, channels, filters = shape
  span = math.isqrt(matrix.shape[1] // filters)
  turned = matrix.reshape(channels, span, span, filters).transpose(1, 2, 0, 3)
  return turned[:taps, :taps][::-1, ::-1]


def _round_up(kernel: jax.Array, stride: int) -> jax.Array:
  """Appends zero taps up to whole strides."""
  extra = (0, _span(kernel.shape[0], stride) - kernel.shape[0])
  return jnp.pad(kernel, (extra, extra, (0, 0), (0, 0)))


def _rows(x: jax.Array) -> jax.Array:
  """[..., c] to [pixels, c]."""
  return x.reshape(-1, x.shape[-1])


def _project(x: jax.Array, matrix: jax.Array) -> jax.Array:
  """[..., in] times [in, out], as one matmul."""
  return times(_rows(x), matrix).reshape(*x.shape[:3], matrix.shape[1])


def _project_back(y: jax.Array, matrix: jax.Array) -> jax.Array:
  """[..., out] times the transpose of [in, out], as one matmul."""
  return times_transposed(_rows(y), matrix).reshape(*y.shape[:3], matrix.shape[0])


def _windows(x: jax.Array, taps: int, stride: int) -> jax.Array:
  """[b, h, w, c] to [b, h / stride, w / stride, span * span * c]: what each output pixel sees."""
  batch, height, width, channels = x.shape
  span, low = _span(taps, stride), (taps - stride) // 2
  rows, columns, blocks = height // stride, width // stride, span // stride
  edge = (low, span - stride - low)
  x = jnp.pad(x, ((0, 0), edge, edge, (0, 0)))
  # Rows by a gather, columns as views shifted by whole strides: both copy long runs of memory, and
  # the windows cost a third of what they do as one slice per tap.
  seen = stride * np.arange(rows)[:, None] + np.arange(span)
  x = x.reshape(batch, height + span - stride, -1)[:, seen.reshape(-1)]
  x = x.reshape(batch, rows, span, columns + blocks - 1, stride * channels).swapaxes(2, 3)
  shifted = [x[:, :, j : j + columns] for j in range(blocks)]
  return jnp.stack(shifted, axis=4).reshape(batch, rows, columns, -1)


def _overlap_add(windows: jax.Array, taps: int, stride: int) -> jax.Array:
  """The adjoint of _windows: every window's values added to the pixels it saw."""
  batch, rows, columns, _ = windows.shape
  span, low = _span(taps, stride), (taps - stride) // 2
  blocks = span // stride
  windows = windows.reshape(batch, rows, columns, blocks, stride, blocks, -1)
  zero = jnp.zeros((), windows.dtype)
  placed = [
    lax.pad(
      windows[:, :, :, i, :, j].swapaxes(2, 3),
      zero,
      [(0, 0, 0), (i, blocks - 1 - i, 0), (0, 0, 0), (j, blocks - 1 - j, 0), (0, 0, 0)],
    )
    for i in range(blocks)
    for j in range(blocks)
  ]
  x = sum(placed[1:], placed[0])
  x = x.reshape(batch, stride * (rows + blocks - 1), stride * (columns + blocks - 1), -1)
  return x[:, low : low + stride * rows, low : low + stride * columns]
