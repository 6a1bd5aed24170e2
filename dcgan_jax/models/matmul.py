"""Matrix products for the convolutions on CPUs, of float32 numbers or of bfloat16 ones.

JAX's own setting chooses, as precision.py sets it: under bfloat16 both operands are rounded to it
and their products added up in float32, as TPUs multiply float32 by default. Processors with
instructions for it (AVX512-BF16, AMX) take half the time or less.

Arguments and results are float32, and the three products are closed under differentiation:

  times              a b     da = dy bᵀ    db = aᵀ dy
  times_transposed   a bᵀ    da = dy b     db = dyᵀ a
  correlate          aᵀ b    da = b dyᵀ    db = a dy
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax


def times(a: jax.Array, b: jax.Array) -> jax.Array:
  """a b, of float32 [n, m] and [m, k]: float32 [n, k]."""
  return _times(a, b) if _of_bfloat16() else a @ b


def times_transposed(a: jax.Array, b: jax.Array) -> jax.Array:
  """a bᵀ, of float32 [n, m] and [k, m]: float32 [n, k]."""
  return _times_transposed(a, b) if _of_bfloat16() else a @ b.T


def correlate(a: jax.Array, b: jax.Array) -> jax.Array:
  """aᵀ b, of float32 [n, m] and [n, k]: float32 [m, k]."""
  if a.shape[1] <= b.shape[1]:
    return _correlate(a, b) if _of_bfloat16() else a.T @ b
  # A transposed left operand runs at half speed unless it is the narrower one; without the barrier
  # the compiler would fold the outer transpose into the slow order.
  return lax.optimization_barrier(correlate(b, a)).T


def _of_bfloat16() -> bool:
  return bool(jax.default_matmul_precision.value == "bfloat16")


def _rounded(matrix: jax.Array) -> jax.Array:
  # The barrier has the rounding written out, where the compiler would do it inside the product.
  return lax.optimization_barrier(matrix.astype(jnp.bfloat16))


def _rounded_transpose(matrix: jax.Array) -> jax.Array:
  """The transpose, in bfloat16 and its own order.

  XLA's CPU backend multiplies bfloat16 in a b only. In aᵀ b and a bᵀ it converts both operands back
  to float32, and it folds whatever is but a transpose into those: hence the row of zeros.
  """
  taller = jnp.pad(_rounded(matrix), ((0, 1), (0, 0)))
  return lax.optimization_barrier(taller.T[:, : matrix.shape[0]])


def _product(a: jax.Array, b: jax.Array) -> jax.Array:
  return jnp.matmul(a, b, preferred_element_type=jnp.float32)


@jax.custom_vjp
def _times(a: jax.Array, b: jax.Array) -> jax.Array:
  return _product(_rounded(a), _rounded(b))


@jax.custom_vjp
def _times_transposed(a: jax.Array, b: jax.Array) -> jax.Array:
  return _product(_rounded(a), _rounded_transpose(b))


@jax.custom_vjp
def _correlate(a: jax.Array, b: jax.Array) -> jax.Array:
  return _product(_rounded_transpose(a), _rounded(b))


_Operands = tuple[jax.Array, jax.Array]


def _keeping_operands(
  product: Callable[[jax.Array, jax.Array], jax.Array],
) -> Callable[[jax.Array, jax.Array], tuple[jax.Array, _Operands]]:
  return lambda a, b: (product(a, b), (a, b))


# JAX's own gradients would be rounded once more, after the sum.
_times.defvjp(
  _keeping_operands(_times), lambda of, dy: (times_transposed(dy, of[1]), correlate(of[0], dy))
)
_times_transposed.defvjp(
  _keeping_operands(_times_transposed), lambda of, dy: (times(dy, of[1]), correlate(dy, of[0]))
)
_correlate.defvjp(
  _keeping_operands(_correlate), lambda of, dy: (times_transposed(of[1], dy), times(of[0], dy))
)
