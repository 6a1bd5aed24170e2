"""TPU slices by their names on the price list, and what a chip of each can do.

Google's published figures (cloud.google.com/tpu/docs, the page of each generation), for one JAX
device: half a chip on v2 and v3, which have two cores a chip, else a chip. The links of v2 and v3,
which those pages leave out, are four a chip of 496 and 656 Gbit/s (Norrie et al. 2021).
"""

from typing import Any, NamedTuple

from dcgan_jax.errors import UserError


class Chip(NamedTuple):
  """One JAX device."""

  flops: float  # bfloat16 products, FLOP/s
  bandwidth: float  # of its memory, bytes/s
  memory: int  # bytes
  links: float  # to other chips, all together, bytes/s each way


class Slice(NamedTuple):
  """So many of them, as libtpu names the arrangement."""

  chip: Chip
  devices: int
  topology: str
  options: dict[str, Any]


_GIB = 2**30
_V2 = Chip(22.5e12, 350e9, 8 * _GIB, 124e9)
_V3 = Chip(61.5e12, 450e9, 16 * _GIB, 164e9)
_V5E = Chip(197e12, 819e9, 16 * _GIB, 200e9)
_V6E = Chip(918e12, 1640e9, 32 * _GIB, 448e9)
_ONE_CHIP = {"chips_per_host_bounds": (1, 1, 1)}

SLICES = {
  "v2-8": Slice(_V2, 8, "v2:2x2", {}),
  "v3-8": Slice(_V3, 8, "v3:2x2", {}),
  "v5e-1": Slice(_V5E, 1, "v5e:1x1", _ONE_CHIP),
  "v5e-8": Slice(_V5E, 8, "v5e:2x4", {}),
  "v5e-64": Slice(_V5E, 64, "v5e:8x8", {}),
  "v5e-256": Slice(_V5E, 256, "v5e:16x16", {}),
  "v6e-8": Slice(_V6E, 8, "v6e:2x4", {}),
}


def find_slice(name: str) -> Slice:
  """The slice of a name.

  Raises:
    UserError: there is none; lists those there are.
  """
  if name not in SLICES:
    raise UserError(f"--compile-for={name}: not one of {', '.join(SLICES)}.")
  return SLICES[name]
