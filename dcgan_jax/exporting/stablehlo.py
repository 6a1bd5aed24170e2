"""StableHLO: a generator with its weights as one function that JAX alone can call.

It takes batches of any size and is lowered for CPUs, NVIDIA GPUs and TPUs, on each as it is sampled
there.
"""

import pathlib

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
  return export.export(jax.jit(forward(generator)), platforms=PLATFORMS)(*arguments)


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
