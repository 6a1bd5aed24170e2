"""A trained generator's images, or the reason why it has none."""

from collections.abc import Iterator

import jax
import numpy as np

from dcgan_jax.checkpoints import CheckpointError
from dcgan_jax.gan.classes import as_in_training
from dcgan_jax.gan.sampling import Inputs, NotFiniteError, drawn, image_batches, make_sampler
from dcgan_jax.record import class_counts
from dcgan_jax.trained import TrainedGenerator
from dcgan_jax.waiting import doing

_LABELS_AT_ONCE = 1024


def draw_images(
  generator: TrainedGenerator, inputs: Inputs, *, count: int, description: str
) -> Iterator[np.ndarray]:
  """Draws samples 0 … count - 1, with bounded memory.

  Args:
    generator: a checkpoint's.
    inputs: its latents and classes, `usual_inputs` or others.
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
    sampler = make_sampler(generator.networks)
    yield from image_batches(sampler, generator.weights, inputs, count=count)
  except NotFiniteError as error:
    raise _diverged(description, str(error)) from error


def usual_inputs(generator: TrainedGenerator, seed: int) -> Inputs:
  """A seed's samples, their classes as frequent as in the training set."""
  counts = class_counts(generator.record, generator.networks.num_classes)
  return drawn(generator.networks, seed, as_in_training(seed, counts))


def labels_asked(generator: TrainedGenerator, inputs: Inputs, count: int) -> np.ndarray | None:
  """The class that each sample is asked to be, or of a mixture what it has most of.

  Returns:
    int32 [count], indices into the generator's class_names; None where nobody asks for one.
  """
  if generator.networks.num_classes:
    # In parts: the inputs have their latents too, which nobody wants of a million at once.
    with doing("drawing labels"):
      parts = [
        np.asarray(inputs(first, _LABELS_AT_ONCE)[1]).argmax(axis=1)
        for first in range(0, count, _LABELS_AT_ONCE)
      ]
    return np.concatenate(parts)[:count].astype(np.int32)
  if generator.expression is not None:
    return np.full(count, generator.class_names.index(generator.expression), np.int32)
  return None


def _diverged(description: str, what: str) -> CheckpointError:
  return CheckpointError(
    f"{description}: {what}: the run has diverged, and the generator's images mean nothing.\n"
    "Earlier checkpoints of the run may be sound."
  )
