"""Matrix products for the convolutions on CPUs, of float32 numbers or of bfloat16 ones.

JAX's own setting chooses: under `jax.default_matmul_precision("bfloat16")` both operands are
rounded to bfloat16 and their products added up in float32, as TPUs multiply float32 by default.
Processors with instructions for it (AVX512-BF16, AMX) take half the time or less.

XLA's CPU backend has such products for a b only. In aᵀ b and a bᵀ it converts both operands back to
float32, whichever way the transpose is written, unless more than a transpose is asked for: hence
the row of zeros in `transposed`.
"""

import contextlib

import jax
import jax.numpy as jnp
from jax import lax

PRECISIONS = ("float32", "bfloat16")


def multiplying_in(precision: str | None) -> contextlib.AbstractContextManager[None]:
  """JAX's setting, for what is traced within; None leaves it as it is."""
  if precision is None:
    return contextlib.nullcontext()
  return jax.default_matmul_precision(precision)


def times(a: jax.Array, b: jax.Array) -> jax.Array:
  """float [n, m] times [m, k], to float32 [n, k]."""
  if not _of_bfloat16():
    return a @ b
  return jnp.matmul(_rounded(a), _rounded(b), preferred_element_type=jnp.float32)


def transposed(matrix: jax.Array) -> jax.Array:
  """The transpose of float [n, m], written out in its own order: an operand of `times`."""
  if not _of_bfloat16():
    return lax.optimization_barrier(matrix.T)
  taller = jnp.pad(_rounded(matrix), ((0, 1), (0, 0)))
  return lax.optimization_barrier(taller.T[:, : matrix.shape[0]])


def correlate(a: jax.Array, b: jax.Array) -> jax.Array:
  """aᵀ b over all pixels, float [..., m] and [..., n], to float32 [m, n]."""
  a, b = a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1])
  if a.shape[1] <= b.shape[1]:
    return _times_transposed_left(a, b)
  # A transposed left operand runs at half speed unless it is the narrower one; without the barrier
  # the compiler would fold the outer transpose into the slow order.
  return lax.optimization_barrier(_times_transposed_left(b, a)).T


def _times_transposed_left(a: jax.Array, b: jax.Array) -> jax.Array:
  return times(transposed(a), b) if _of_bfloat16() else a.T @ b


def _of_bfloat16() -> bool:
  return bool(jax.default_matmul_precision.value == "bfloat16")


def _rounded(matrix: jax.Array) -> jax.Array:
  # The barrier has each operand rounded once; else every product would do it anew.
  return lax.optimization_barrier(matrix.astype(jnp.bfloat16))
