"""StableHLO: a generator with its weights as one function that JAX alone can call.

It takes batches of any size and is lowered for CPUs, NVIDIA GPUs and TPUs, on each as it is sampled
there.
"""

import contextlib
import pathlib
from collections.abc import Iterator

import jax
from jax import export

from dcgan_jax.exporting.forward import check_agreement, forward, shapes
from dcgan_jax.trained import TrainedGenerator

NAME = "generator.stablehlo"
PLATFORMS = ("cpu", "cuda", "tpu")


def to_stablehlo(generator: TrainedGenerator) -> export.Exported:
  """Lowers a generator for all platforms, its weights inside, the size of the batch open."""
  (batch,) = export.symbolic_shape("batch")
  arguments = shapes(generator.networks, batch).values()
  with _without_locations():
    return export.export(jax.jit(forward(generator)), platforms=PLATFORMS)(*arguments)


@contextlib.contextmanager
def _without_locations() -> Iterator[None]:
  """Keeps the paths of this machine's Python files out of what is lowered meanwhile."""
  usual = jax.config.values["jax_traceback_in_locations_limit"]
  jax.config.update("jax_traceback_in_locations_limit", 0)
  try:
    yield
  finally:
    jax.config.update("jax_traceback_in_locations_limit", usual)


def write(generator: TrainedGenerator, folder: pathlib.Path) -> list[str]:
  """Writes generator.stablehlo, after a comparison with the generator.

  Args:
    generator: a checkpoint's.
    folder: where to; it is there.

  Returns:
    What was measured, in sentences.

  Raises:
    UserError: it makes other pixels than the generator.
    OSError: it cannot be written.
  """
  written = to_stablehlo(generator).serialize()
  read = export.deserialize(written)
  difference = check_agreement(generator, jax.jit(read.call), "StableHLO")
  (folder / NAME).write_bytes(written)
  return [
    f"Lowered for {', '.join(read.platforms)}; pixels differ from the generator's by at most "
    f"{difference:.1g} of 2 on {jax.default_backend()}."
  ]
