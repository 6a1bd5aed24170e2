"""A trained generator's images, or the reason why it has none."""

from collections.abc import Iterator

import jax
import numpy as np

from dcgan_jax.gan.sampling import NotFiniteError, image_batches, make_sampler
from dcgan_jax.trained import CheckpointError, TrainedGenerator


def draw_images(
  generator: TrainedGenerator, *, seed: int, count: int, description: str
) -> Iterator[np.ndarray]:
  """Draws samples 0 … count - 1 of a seed, with bounded memory.

  Args:
    generator: a checkpoint's.
    seed: of the samples.
    count: how many.
    description: of the checkpoint, for an error's message.

  Yields:
    uint8 [up to 64, height, width, channels], `count` images in all.

  Raises:
    CheckpointError: weights or pixels are not finite. Finite weights do not make finite pixels:
      their products may overflow.
  """
  for path, leaf in jax.tree_util.tree_leaves_with_path(generator.weights):
    if not np.isfinite(leaf).all():
      raise _diverged(description, f"{jax.tree_util.keystr(path)} is not finite")
  try:
    yield from image_batches(
      make_sampler(generator.networks),
      generator.weights,
      seed=seed,
      count=count,
      latent_size=generator.networks.latent_size,
    )
  except NotFiniteError as error:
    raise _diverged(description, str(error)) from error


def _diverged(description: str, what: str) -> CheckpointError:
  return CheckpointError(
    f"{description}: {what}: the run has diverged, and the generator's images mean nothing.\n"
    "Earlier checkpoints of the run may be sound."
  )
