"""Whether this machine multiplies as config.precision asks: found out before a run begins."""

import sys
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax.errors import UserError
from dcgan_jax.models import matmul
from dcgan_jax.models.precision import computing_in

if TYPE_CHECKING:
  from dcgan_jax.checkpoints import Record

# With what to compare them, and shapes as the paper's networks have them at a batch of 16.
_PRODUCTS = {
  "a b": (matmul.times, lambda a, b: a @ b, (2304, 256), (256, 128)),
  "a bᵀ": (matmul.times_transposed, lambda a, b: a @ b.T, (2304, 128), (256, 128)),
  "aᵀ b": (matmul.correlate, lambda a, b: a.T @ b, (2304, 256), (2304, 128)),
}
# Up to 2304 terms of size 1: float32 rounds their sums by 1e-4, bfloat16 would by 0.1.
_TOLERANCE = 1e-3


def settle_precision(config: ConfigDict, begun: "Record | None") -> None:
  """Sets config.precision to float32, and says so, where bfloat16 does not work on this CPU.

  How XLA multiplies bfloat16 on a CPU differs with the processor, and some of its ways have failed
  at run time; TPUs and GPUs are not asked. A run keeps to the precision it began with: one that
  could not be had where it began stays float32 where it can.

  Args:
    config: a checked config.
    begun: the newest checkpoint's record, of a run that is to go on.

  Raises:
    UserError: the run began in a precision that does not work here.
  """
  asked = config.precision
  if asked in (None, "float32"):
    return
  before = begun["config"].get("precision") if begun else None  # early records lack it
  if begun and before == "float32" and begun.get("precision_asked") == asked:
    _say(f"config.precision: {asked} did not work where this run began; it goes on in float32.")
    config.precision = "float32"
    return
  refusal = _refusal() if jax.default_backend() == "cpu" else None
  if refusal is None:
    return
  if before == asked:
    raise UserError(
      f"config.precision: this run began in {asked}, which does not work on this CPU ({refusal}). "
      "Go on where it began, or begin anew in float32 with another --workdir."
    )
  _say(
    f"config.precision: {asked} does not work on this CPU ({refusal}); it is float32 for this run. "
    "Set it to float32 to be rid of this message."
  )
  config.precision = "float32"


def _say(text: str) -> None:
  print(text, file=sys.stderr, flush=True)


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
