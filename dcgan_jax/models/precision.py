"""In which numbers an update multiplies and keeps activations, as config.precision says.

  float32          exact everywhere; on TPUs and GPUs slow
  bfloat16         rounds what is multiplied, and adds up in float32
  mixed_bfloat16   besides, convolutions take and give bfloat16 images, and so their kernels'
                   gradients are rounded to it: less memory traffic

Parameters, BatchNorm's statistics, logits, losses and optimisers are float32 in all of them.
"""

import contextlib
import contextvars
from collections.abc import Iterator

import jax
import jax.numpy as jnp

PRECISIONS = ("float32", "bfloat16", "mixed_bfloat16")

_activations: contextvars.ContextVar[str] = contextvars.ContextVar("activations", default="float32")


@contextlib.contextmanager
def computing_in(precision: str | None) -> Iterator[None]:
  """Sets it for what is traced within; None leaves it to the device.

  The dtype of activations is no part of jax.jit's keys: trace a new function within, not one that
  was traced under another precision.
  """
  if precision is None:
    yield
    return
  mixed = precision == "mixed_bfloat16"
  token = _activations.set("bfloat16" if mixed else "float32")
  try:
    with jax.default_matmul_precision("bfloat16" if mixed else precision):
      yield
  finally:
    _activations.reset(token)


def activation_dtype() -> jnp.dtype:
  """Of what convolutions take and give."""
  return jnp.dtype(_activations.get())
