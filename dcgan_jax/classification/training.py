"""The training loop of a classifier, with or without a workdir around it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import jax
import numpy as np
import optax

from dcgan_jax import parallel
from dcgan_jax.averages import Averages
from dcgan_jax.batch import Batch
from dcgan_jax.classification.classifier import Classifier, TrainingSet, make_classifier
from dcgan_jax.classification.recipe import Recipe, make_optimizer
from dcgan_jax.classification.state import ClassifierState, create_state
from dcgan_jax.classification.step import Metrics, make_update
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.order import batch_indices
from dcgan_jax.models.expression_classifier import STRIDE, ExpressionClassifier
from dcgan_jax.progress import Progress

REPORT_EVERY = 100  # updates; a workdir also gets a checkpoint then
_STEPS_PER_DISPATCH = {"cpu": 8}  # so that Ctrl-C answers soon
_STEPS_ELSEWHERE = 50


class Reached(NamedTuple):
  """Where one dispatch has brought the training."""

  step: int  # completed updates
  updates: int  # those of this dispatch
  state: ClassifierState  # until the next dispatch, which overwrites it
  metrics: Metrics  # "loss" and "accuracy" on augmented images, means over the dispatch


def train_classifier(
  images: np.ndarray,
  labels: np.ndarray,
  class_names: Sequence[str],
  *,
  seed: int = 0,
  epochs: int = Recipe.epochs,
  batch_size: int = Recipe.batch_size,
  width: int = Recipe.width,
) -> Classifier:
  """Trains a classifier in memory, as `python -m dcgan_jax.classify` does in a workdir.

  Args:
    images: uint8 [n, height, width, channels], sides divisible by 16, 1 or 3 channels. They must
      fit in a device's memory.
    labels: integers [n], indices into class_names.
    class_names: two or more.
    seed: of the initialisation, the order of the data and the augmentation.
    epochs: passes over the images.
    batch_size: global, divisible by the devices, at most n.
    width: filters of the stem.

  Returns:
    The classifier after the last update; its `held_out_confusion` is None.

  Raises:
    ValueError: arguments that do not fit together; names the first.
    DivergedError: the training has diverged.
  """
  recipe = Recipe(seed, epochs, batch_size, width)
  wrong = problems(recipe, images.shape, labels, class_names)
  if wrong:
    raise ValueError(wrong[0])
  stop = recipe.total_steps(len(images))
  network = ExpressionClassifier(len(class_names), width)
  state = initial_state(recipe, images.shape, len(class_names))
  progress = Progress(0, stop, batch_size)
  averages = Averages(start=0)
  try:
    for reached in fit(images, labels, len(class_names), recipe, state, start=0):
      state = reached.state
      averages.add(reached.updates, reached.metrics)
      progress.advance(reached.updates)
      if reached.step % REPORT_EVERY == 0 or reached.step == stop:
        metrics = averages.take()
        progress.report(reached.step, in_short(metrics), progress.measure(reached.step))
  finally:
    progress.close()
  learnt = TrainingSet("", fingerprint(images, np.asarray(labels)), len(images))
  return make_classifier(network, state, class_names, images.shape[1:], learnt)


def problems(
  recipe: Recipe, shape: tuple[int, ...], labels: np.ndarray, class_names: Sequence[str]
) -> list[str]:
  """Why a classifier cannot be trained, one line each; empty where it can.

  Args:
    recipe: what is asked for.
    shape: of the images, [n, height, width, channels].
    labels: integers [n].
    class_names: by label.
  """
  count, height, width, channels = shape
  devices = jax.local_device_count()
  present = np.unique(labels)
  found = []
  if not class_names or (labels < 0).any():
    found.append("the images have no labels: there is nothing to learn.")
  elif present[-1] >= len(class_names):
    found.append(f"label {present[-1]} has no name among the {len(class_names)} classes.")
  elif len(present) < 2:
    found.append(f"all images are {class_names[present[0]]!r}: one class cannot be told apart.")
  if height % STRIDE or width % STRIDE or channels not in (1, 3):
    found.append(
      f"images are {height}×{width}×{channels}: sides divisible by {STRIDE} are needed, and 1 or 3 "
      "channels."
    )
  if recipe.batch_size > count:
    found.append(f"the batch size, {recipe.batch_size}, is more than the {count} images.")
  if recipe.batch_size % devices:
    found.append(f"the batch size, {recipe.batch_size}, does not divide over {devices} devices.")
  return found


def initial_state(recipe: Recipe, shape: tuple[int, ...], num_classes: int) -> ClassifierState:
  """The state at step 0 of a training on images of a shape [n, height, width, channels]."""
  network = ExpressionClassifier(num_classes, recipe.width)
  return create_state(network, _optimizer(recipe, shape[0]), shape[1:], recipe.seed)


def fit(
  images: np.ndarray,
  labels: np.ndarray,
  num_classes: int,
  recipe: Recipe,
  state: ClassifierState,
  start: int,
) -> Iterator[Reached]:
  """Trains from a state on, dispatch by dispatch, over all devices.

  Dispatches are cut at multiples of REPORT_EVERY, whatever the start, and the same programme runs
  the shorter ones: so a training that was stopped after any dispatch and goes on from that state
  comes to the same bits.

  Args:
    images: uint8 [n, height, width, channels].
    labels: integers [n].
    num_classes: how many there are.
    recipe: how to train.
    state: after `start` updates.
    start: completed updates.

  Yields:
    Reached, after each dispatch; its state is gone once the next one is asked for.
  """
  stop = recipe.total_steps(len(images))
  axis = parallel.axis_over()
  network = ExpressionClassifier(num_classes, recipe.width, axis)
  optimizer = _optimizer(recipe, len(images))
  update = parallel.DataParallel(make_update(network, optimizer, seed=recipe.seed, axis_name=axis))
  longest = _STEPS_PER_DISPATCH.get(jax.default_backend(), _STEPS_ELSEWHERE)
  state = parallel.replicate(state)
  source = parallel.replicate(Batch(images, np.asarray(labels, np.int32)))
  while start < stop:
    count = min(longest, REPORT_EVERY - start % REPORT_EVERY, stop - start)
    indices = batch_indices(recipe.seed, start, longest, recipe.batch_size, len(images))
    state, metrics = update(state, source, indices.astype(np.int32), count)
    start += count
    yield Reached(start, count, state, metrics)


def _optimizer(recipe: Recipe, num_examples: int) -> optax.GradientTransformation:
  return make_optimizer(recipe.batch_size, recipe.total_steps(num_examples))


def in_short(metrics: dict[str, float]) -> str:
  """The averages in a line."""
  return f"loss {metrics['loss']:.3f}, right on augmented training images {metrics['accuracy']:.1%}"
