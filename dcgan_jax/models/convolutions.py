"""Convolutions with the right lowering for each platform: native on TPU and GPU, matmuls on CPU.

XLA's CPU backend computes the gradients of strided and transposed convolutions 20 to 50 times
slower than a matmul of the same size. On CPU every convolution here is therefore written as
windows of the input times a [taps * in, out] matrix (forward) and windows of the padded input or
overlap-added columns (transposed). Both forms are the same mathematics on the same HWIO kernel;
the choice is made where the operation is lowered, so one trace serves every platform.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

_LAYOUT = ("NHWC", "HWIO", "NHWC")


def conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Convolution with "SAME" padding.

  Args:
    x: float [batch, height, width, in]; height and width divisible by stride.
    kernel: float [taps, taps, in, out] (HWIO), taps >= stride.
    stride: 1 or more.

  Returns:
    float [batch, height / stride, width / stride, out].
  """
  return _by_platform(x, kernel, _native_conv, _matmul_conv, stride)


def conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Transposed convolution with "SAME" padding, as `lax.conv_transpose` defines it (no flip).

  Args:
    x: float [batch, height, width, in].
    kernel: float [taps, taps, in, out] (HWIO), taps >= stride.
    stride: 1 or more.

  Returns:
    float [batch, height * stride, width * stride, out].
  """
  return _by_platform(x, kernel, _native_conv_transpose, _matmul_conv_transpose, stride)


_Form = Callable[[jax.Array, jax.Array, int], jax.Array]


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _by_platform(
  x: jax.Array, kernel: jax.Array, native: _Form, matmul: _Form, stride: int
) -> jax.Array:
  return lax.platform_dependent(
    x, kernel, cpu=partial(matmul, stride=stride), default=partial(native, stride=stride)
  )


def _forward(
  x: jax.Array, kernel: jax.Array, native: _Form, matmul: _Form, stride: int
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
  return _by_platform(x, kernel, native, matmul, stride), (x, kernel)


def _backward(
  native: _Form,
  matmul: _Form,
  stride: int,
  residuals: tuple[jax.Array, jax.Array],
  cotangent: jax.Array,
) -> tuple[jax.Array, jax.Array]:
  # Differentiating inside each branch keeps the residuals to (x, kernel): differentiating the
  # switch itself would carry the union of both branches' residuals through every step.
  def gradients(form: _Form) -> Callable[..., tuple[jax.Array, jax.Array]]:
    return lambda x, kernel, g: jax.vjp(partial(form, stride=stride), x, kernel)[1](g)

  return lax.platform_dependent(
    *residuals, cotangent, cpu=gradients(matmul), default=gradients(native)
  )


_by_platform.defvjp(_forward, _backward)


def _native_conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  return lax.conv_general_dilated(
    x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT
  )


def _native_conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT)


def _space_to_depth(x: jax.Array, block: int) -> jax.Array:
  """[b, h, w, c] to [b, h / block, w / block, block * block * c], row of the block first."""
  b, h, w, c = x.shape
  x = x.reshape(b, h // block, block, w // block, block, c)
  return x.transpose(0, 1, 3, 2, 4, 5).reshape(b, h // block, w // block, block * block * c)


def _depth_to_space(x: jax.Array, block: int) -> jax.Array:
  """The inverse of _space_to_depth."""
  b, h, w, c = x.shape
  x = x.reshape(b, h, w, block, block, c // block**2)
  return x.transpose(0, 1, 3, 2, 4, 5).reshape(b, h * block, w * block, c // block**2)


def _blocked_kernel(kernel: jax.Array, stride: int) -> jax.Array:
  """HWIO kernel to [blocks, blocks, stride, stride, in, out], taps rounded up with zeros."""
  taps, _, channels, filters = kernel.shape
  blocks = -(-taps // stride)
  extra = blocks * stride - taps
  kernel = jnp.pad(kernel, ((0, extra), (0, extra), (0, 0), (0, 0)))
  kernel = kernel.reshape(blocks, stride, blocks, stride, channels, filters)
  return kernel.transpose(0, 2, 1, 3, 4, 5)


def _sum_of_matmuls(x: jax.Array, matrices: jax.Array) -> jax.Array:
  """A stride-1 "VALID" convolution of [b, h, w, c] with [size, size, c, f], one matmul per tap.

  Summing size² matmuls of shifted views costs less than writing out the windows for a single one.
  """
  size, _, channels, filters = matrices.shape
  height, width = x.shape[1] - size + 1, x.shape[2] - size + 1
  terms = [
    x[:, i : i + height, j : j + width].reshape(-1, channels) @ matrices[i, j]
    for i in range(size)
    for j in range(size)
  ]
  return sum(terms[1:], terms[0]).reshape(-1, height, width, filters)


def _matmul_conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """A strided convolution is a stride-1 convolution over space-to-depth blocks."""
  taps, filters = kernel.shape[0], kernel.shape[-1]
  blocked = _blocked_kernel(kernel, stride)
  blocks = blocked.shape[0]
  low = (taps - stride) // 2  # "SAME", for sizes divisible by the stride
  high = blocks * stride - stride - low
  x = jnp.pad(x, ((0, 0), (low, high), (low, high), (0, 0)))
  matrices = blocked.reshape(blocks, blocks, -1, filters)
  return _sum_of_matmuls(_space_to_depth(x, stride), matrices)


def _transpose_low(taps: int, stride: int) -> int:
  """Zeros in front of the dilated input in `lax.conv_transpose(..., "SAME")`."""
  return taps - 1 if stride > taps - 1 else -(-(taps + stride - 2) // 2)


def _matmul_conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """The adjoint: a stride-1 convolution to blocks of stride² pixels, laid out and cropped."""
  taps, _, channels, filters = kernel.shape
  if filters * stride**2 < _NARROW:
    return _overlap_add_conv_transpose(x, kernel, stride)
  # Tap t of input i lands on output stride * i + low - t; reversed, so that taps count upwards.
  blocked = _blocked_kernel(kernel[::-1, ::-1], stride)[::-1, ::-1]
  blocks = blocked.shape[0]
  matrices = blocked.transpose(0, 1, 4, 2, 3, 5).reshape(blocks, blocks, channels, -1)
  edge = (blocks - 1, blocks - 1)
  y = _sum_of_matmuls(jnp.pad(x, ((0, 0), edge, edge, (0, 0))), matrices)
  start = taps - 1 - _transpose_low(taps, stride)
  rows, columns = (slice(start, start + stride * size) for size in x.shape[1:3])
  return _depth_to_space(y, stride)[:, rows, columns]


# Below this many output columns a matmul per tap wastes the vector units (an image layer has 1).
_NARROW = 16


def _overlap_add_conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """One matmul to all taps side by side, then the taps shifted into place and added."""
  _, height, width, channels = x.shape
  taps, _, _, filters = kernel.shape
  matrix = kernel.transpose(2, 0, 1, 3).reshape(channels, -1)
  products = (x.reshape(-1, channels) @ matrix).reshape(*x.shape[:3], taps, taps, filters)
  low = _transpose_low(taps, stride)
  zero = jnp.zeros((), x.dtype)
  placed = [
    lax.pad(
      products[:, :, :, i, j],
      zero,
      [(0, 0, 0), _placement(low - i, height, stride), _placement(low - j, width, stride), (0, 0, 0)],
    )
    for i in range(taps)
    for j in range(taps)
  ]
  return sum(placed[1:], placed[0])


def _placement(offset: int, size: int, stride: int) -> tuple[int, int, int]:
  """The lax.pad triple that puts element i at stride * i + offset of stride * size places."""
  return offset, stride * size - (offset + stride * (size - 1) + 1), stride - 1
