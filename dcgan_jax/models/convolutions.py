"""Convolutions with the right lowering for each platform: native on TPU and GPU, matmuls on CPU.

XLA's CPU backend computes the gradients of strided and transposed convolutions 20 to 50 times
slower than a matmul of the same size. On CPU all six operations (two convolutions, the gradients
of each) are therefore matmuls: several small ones where that pays (winograd.py), else one
(windows.py).

All forms are the same mathematics on the same HWIO kernel; the platform's is chosen where the
operation is lowered, so one trace serves every platform.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.layout import Layout, with_layout_constraint

from dcgan_jax.models import windows, winograd

_LAYOUT = ("NHWC", "HWIO", "NHWC")

# What the form is chosen for where the batch's size is open. Winograd's draws one image in 2.5 ms
# where the other takes 2.1 (radford_dcgan), and 16 in 17 where it takes 23.
_LIKE_MANY = 64


def conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Convolution with "SAME" padding.

  Args:
    x: float [batch, height, width, in]; height and width divisible by stride.
    kernel: float [taps, taps, in, out] (HWIO), taps >= stride.
    stride: 1 or more.

  Returns:
    float [batch, height / stride, width / stride, out].
  """
  return _by_platform(x, kernel, stride, _CONV)


def conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Transposed convolution with "SAME" padding, as `lax.conv_transpose` defines it (no flip).

  Args:
    x: float [batch, height, width, in].
    kernel: float [taps, taps, in, out] (HWIO), taps >= stride.
    stride: 1 or more.

  Returns:
    float [batch, height * stride, width * stride, out].
  """
  return _by_platform(x, kernel, stride, _CONV_TRANSPOSE)


class _Matmuls(NamedTuple):
  """One form of an operation on CPU."""

  values: Callable[[jax.Array, jax.Array, int], jax.Array]  # of (x, kernel, stride)
  gradients: Callable[..., tuple[jax.Array, jax.Array]]  # of (x, kernel, stride, dy)


class _Operation(NamedTuple):
  """One operation `(x, kernel, stride) -> y` in all its forms."""

  native: Callable[[jax.Array, jax.Array, int], jax.Array]
  windows: _Matmuls
  winograd: _Matmuls
  transposed: bool

  def matmuls(self, x: jax.Array, kernel: jax.Array, stride: int) -> _Matmuls:
    """The faster of the CPU's forms."""
    batch, height, width, _ = x.shape
    if not self.transposed:
      height, width = height // stride, width // stride
    if not isinstance(batch, int):  # a program for batches of any size, as exports are
      batch = _LIKE_MANY
    pays = winograd.pays((batch, height, width), kernel.shape, stride)
    return self.winograd if pays else self.windows


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _by_platform(x: jax.Array, kernel: jax.Array, stride: int, op: _Operation) -> jax.Array:
  return lax.platform_dependent(
    x,
    kernel,
    cpu=_in_float32(lambda x, kernel: op.matmuls(x, kernel, stride).values(x, kernel, stride)),
    default=lambda x, kernel: op.native(x, kernel, stride),
  )


def _forward(
  x: jax.Array, kernel: jax.Array, stride: int, op: _Operation
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
  return _by_platform(x, kernel, stride, op), (x, kernel)


def _backward(
  stride: int, op: _Operation, residuals: tuple[jax.Array, jax.Array], dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  def native(x: jax.Array, kernel: jax.Array, dy: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vjp(lambda x, kernel: op.native(x, kernel, stride), x, kernel)[1](dy)

  def matmul(x: jax.Array, kernel: jax.Array, dy: jax.Array) -> tuple[jax.Array, jax.Array]:
    dx, dkernel = op.matmuls(x, kernel, stride).gradients(x, kernel, stride, dy)
    # In memory as the kernel is. Products leave some gradients in columns, and an optimiser that
    # reads those against the order of its averages makes an update an eighth slower.
    return dx, with_layout_constraint(dkernel, Layout(tuple(range(dkernel.ndim))))

  # Differentiating inside each branch keeps the residuals to (x, kernel): differentiating the
  # switch itself would carry the union of both branches' residuals through every step.
  return lax.platform_dependent(*residuals, dy, cpu=_in_float32(matmul), default=native)


def _in_float32(function: Callable[..., Any]) -> Callable[..., Any]:
  """The function of the same arrays in float32, and its results in the arrays' dtype again."""

  def run(*arrays: jax.Array) -> Any:
    results = function(*(array.astype(jnp.float32) for array in arrays))
    return jax.tree.map(lambda result: result.astype(arrays[0].dtype), results)

  return run


_by_platform.defvjp(_forward, _backward)


def _native_conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT)


def _native_conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=_LAYOUT)


_CONV = _Operation(
  _native_conv,
  _Matmuls(windows.conv, windows.conv_gradients),
  _Matmuls(winograd.conv, winograd.conv_gradients),
  transposed=False,
)
_CONV_TRANSPOSE = _Operation(
  _native_conv_transpose,
  _Matmuls(windows.conv_transpose, windows.conv_transpose_gradients),
  _Matmuls(winograd.conv_transpose, winograd.conv_transpose_gradients),
  transposed=True,
)
