"""Whether this machine multiplies as config.precision asks: found out before a run begins."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax.models import matmul
from dcgan_jax.models.precision import computing_in

_PRODUCTS = {
  "a b": (matmul.times, lambda a, b: a @ b),
  "a bᵀ": (matmul.times_transposed, lambda a, b: a @ b.T),
  "aᵀ b": (matmul.correlate, lambda a, b: a.T @ b),
}
# 96 terms of size 1: float32 rounds their sum by 1e-5 at most, bfloat16 would by 0.03.
_SIDE, _TOLERANCE = 96, 1e-4


def settle_precision(config: ConfigDict) -> None:
  """Sets config.precision to float32, and says so, where bfloat16 does not work on this CPU.

  How XLA multiplies bfloat16 on a CPU differs with the processor, and some of its ways have failed
  at run time; TPUs and GPUs are not asked.
  """
  if config.precision in (None, "float32") or jax.default_backend() != "cpu":
    return
  if refusal := _refusal():
    print(
      f"config.precision: {config.precision} does not work on this CPU ({refusal}); it is float32 "
      "for this run. Set it to float32 to be rid of this message.",
      file=sys.stderr,
      flush=True,
    )
    config.precision = "float32"


def _refusal() -> str | None:
  """Why the products of bfloat16 numbers cannot be used; None where they can."""
  a, b = np.random.default_rng(0).normal(size=(2, _SIDE, _SIDE)).astype(jnp.bfloat16)
  exact = a.astype(np.float64), b.astype(np.float64)
  for name, (product, reference) in _PRODUCTS.items():
    try:
      with computing_in("bfloat16"):
        result = jax.jit(product)(a.astype(np.float32), b.astype(np.float32))
        error = np.abs(result - reference(*exact)).max()
    except jax.errors.JaxRuntimeError as failed:
      return f"{name}: {str(failed).splitlines()[0]}"
    if not error < _TOLERANCE:
      return f"{name} is off by {error:.1g}"
  return None
