"""The state that a run begins with."""

import dataclasses
import pathlib
from collections.abc import Sequence

from ml_collections import ConfigDict

from dcgan_jax.checkpoints import has_checkpoint
from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.classification.saved import load_classifier
from dcgan_jax.errors import UserError
from dcgan_jax.gan.state import GANState
from dcgan_jax.models.feature_judges import with_classifier
from dcgan_jax.program import Program
from dcgan_jax.waiting import doing


def needed_classifier(
  config: ConfigDict, image_shape: Sequence[int], workdir: pathlib.Path
) -> Classifier | None:
  """The classifier that config.model names, unless there is none or a checkpoint has it.

  Args:
    config: a checked config.
    image_shape: height, width, channels of the data.
    workdir: the run's folder.

  Raises:
    UserError: no classifier there, or one of other images.
  """
  if not config.model.classifier or has_checkpoint(workdir):
    return None
  try:
    classifier = load_classifier(pathlib.Path(config.model.classifier))
  except UserError as error:
    raise UserError(f"config.model.classifier: {error}") from error
  if classifier.image_shape != tuple(image_shape):
    raise UserError(
      f"config.model.classifier: {config.model.classifier} knows images of "
      f"{_shape(classifier.image_shape)}, the data are {_shape(image_shape)}.\n"
      f"Train one on them:  python -m dcgan_jax.classify --data={config.data.name}"
    )
  return classifier


def initial_state(program: Program, classifier: Classifier | None) -> GANState:
  """The state at step 0, on one device, in which the discriminator has the classifier's weights."""
  with doing("compiling the first weights"):
    state = program.initial_state()
  if classifier is None:
    return state
  stats = with_classifier(state.discriminator.batch_stats, classifier.weights)
  discriminator = dataclasses.replace(state.discriminator, batch_stats=stats)
  return dataclasses.replace(state, discriminator=discriminator)


def _shape(image_shape: Sequence[int]) -> str:
  return "×".join(map(str, image_shape))
