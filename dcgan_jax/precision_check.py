"""Whether this machine multiplies as config.precision asks: found out before a run begins."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax.models import matmul
from dcgan_jax.models.precision import computing_in

# With what to compare them, and shapes as the paper's networks have them at a batch of 16.
_PRODUCTS = {
  "a b": (matmul.times, lambda a, b: a @ b, (2304, 256), (256, 128)),
  "a bᵀ": (matmul.times_transposed, lambda a, b: a @ b.T, (2304, 128), (256, 128)),
  "aᵀ b": (matmul.correlate, lambda a, b: a.T @ b, (2304, 256), (2304, 128)),
}
# Up to 2304 terms of size 1: float32 rounds their sums by 1e-4, bfloat16 would by 0.1.
_TOLERANCE = 1e-3


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
  rng = np.random.default_rng(0)
  for name, (product, reference, *shapes) in _PRODUCTS.items():
    # Numbers that are bfloat16 already, so that nothing but a sum can be off.
    a, b = (rng.normal(size=shape).astype(jnp.bfloat16).astype(np.float32) for shape in shapes)
    try:
      with computing_in("bfloat16"):
        result = jax.jit(product)(a, b)
        error = np.abs(result - reference(a.astype(np.float64), b.astype(np.float64))).max()
    except jax.errors.JaxRuntimeError as failed:
      return f"{name}: {str(failed).splitlines()[0]}"
    if not error < _TOLERANCE:
      return f"{name} is off by {error:.1g}"
  return None
