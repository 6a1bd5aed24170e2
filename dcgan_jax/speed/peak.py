"""How fast the present device multiplies matrices: what a training step is held against."""

import time
from collections.abc import Callable

import jax

from dcgan_jax.models.matmul import times
from dcgan_jax.models.precision import computing_in

_SIDE = {"cpu": 2048}  # large enough to be bound by arithmetic; 30 ms of a core
_SIDE_ELSEWHERE = 8192
_REPEATS = 5


def matmul_peak(precision: str | None) -> float:
  """The best of several square products, in FLOP/s, of one device.

  On a CPU by the product that the convolutions are made of (models/matmul.py), all cores at work;
  elsewhere by the device's own. A product of n × n matrices counts 2 n³.

  Args:
    precision: as config.precision.
  """
  side = _SIDE.get(jax.default_backend(), _SIDE_ELSEWHERE)
  a, b = (jax.random.normal(jax.random.key(i), (side, side)) for i in range(2))
  product = jax.jit(lambda a, b: times(a, b))  # one of its own, traced in this precision
  with computing_in(precision):
    product(a, b).block_until_ready()
    return 2 * side**3 / min(_seconds(product, a, b) for _ in range(_REPEATS))


def _seconds(function: Callable[..., jax.Array], *arguments: jax.Array) -> float:
  began = time.perf_counter()
  function(*arguments).block_until_ready()
  return time.perf_counter() - began
