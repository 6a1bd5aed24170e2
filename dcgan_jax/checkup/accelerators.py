"""Accelerators as the system shows them, whether or not jax can use them."""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple


class Kind(NamedTuple):
  """A kind of accelerator.

  Attributes:
    name: for people.
    files: in /dev, any of which shows that there is one.
    platforms: what jax calls it, in JAX_PLATFORMS and as a device's platform.
    extra: of this package, with what jax needs to use it.
    distribution: the package that the extra brings.
  """

  name: str
  files: tuple[str, ...]
  platforms: tuple[str, ...]
  extra: str
  distribution: str


# By the files that launch/environment.sh chooses a lock file by.
KINDS = (
  Kind("TPU", ("accel0", "vfio/0"), ("tpu",), "tpu", "libtpu"),
  Kind("NVIDIA GPU", ("nvidia0",), ("cuda", "gpu"), "cuda", "jax-cuda12-plugin"),
)


def present(devices: pathlib.Path) -> list[tuple[Kind, pathlib.Path]]:
  """The kinds that are here, each with the file that shows it.

  Args:
    devices: the folder of devices, /dev.
  """
  found = []
  for kind in KINDS:
    files = [devices / name for name in kind.files if (devices / name).exists()]
    if files:
      found.append((kind, files[0]))
  return found


def asked_for(platforms: Sequence[str]) -> list[Kind]:
  """The kinds among platforms, as JAX_PLATFORMS names them."""
  return [kind for kind in KINDS if set(kind.platforms) & set(platforms)]
