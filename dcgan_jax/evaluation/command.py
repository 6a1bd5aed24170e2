"""The evaluation command: which metrics can be had, and every subject that the flags name."""

import argparse
import functools
import os
import pathlib
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

from dcgan_jax import parallel
from dcgan_jax.checkpoints import CheckpointError
from dcgan_jax.ending import has_ended
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import floors, samples, targets
from dcgan_jax.evaluation.against import (
  Trained,
  comparisons,
  convention,
  find_classifier,
  trained_on,
)
from dcgan_jax.evaluation.comparison import Comparison, refusal
from dcgan_jax.evaluation.job import Job, Subject
from dcgan_jax.evaluation.protocol import (
  EXPRESSION,
  NEED_WEIGHTS,
  PER_CLASS,
  USE_CLASSIFIER,
  USE_WEIGHTS,
  USUAL,
)
from dcgan_jax.evaluation.results import Results
from dcgan_jax.evaluation.table import floor_table
from dcgan_jax.expressions import check_single
from dcgan_jax.intact import newest_intact
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.weights import HOW_TO_GET, find_weights, load_weights
from dcgan_jax.reporting.live import refresh
from dcgan_jax.trained import load_generator, saved_at

_DEFAULT_NUM = 10_000


def run(options: argparse.Namespace) -> bool:
  """Does what the flags of `dcgan_jax.evaluate` ask for.

  Returns:
    Whether every metric asked for by name, of every checkpoint, could be had.

  Raises:
    UserError: a mistake in the data, a checkpoint or the weights.
  """
  parallel.check_devices()
  scored = options.workdir or options.images
  if options.workdir:
    check_single(options.workdir, "Score")
  if options.follow:
    _wait_for_the_first(options.workdir)
  trained = trained_on(options.workdir, options.data_dir) if options.workdir else None
  wanted = _wanted(options, trained)
  extractor = _extractor(options) if not scored or set(wanted) & set(USE_WEIGHTS) else None
  judge = find_classifier(options, trained) if set(wanted) & set(USE_CLASSIFIER) else (None, "")
  against = comparisons(options, trained, extractor, judge)
  if not scored:
    for one in against:
      _print_floors(options, one, extractor)
    return True
  metrics = [_available(wanted, extractor, one) for one in against]
  tasks = list(zip(metrics, against, strict=True))
  if trained is None:
    complete = _images(options, extractor, tasks)
  else:
    complete = _checkpoints(options, extractor, tasks, trained.class_names)
  return complete and all(_by_name(options) <= set(had) for had in metrics)


def _by_name(options: argparse.Namespace) -> set[str]:
  """The metrics whose lack the exit code tells."""
  return {*(options.metrics or ()), *((PER_CLASS,) if options.per_class else ())}


def _wanted(options: argparse.Namespace, trained: Trained | None) -> tuple[str, ...]:
  """The metrics asked for; by default those that suit the samples."""
  metrics = options.metrics
  if metrics is None:
    asked_for = trained is not None and trained.class_names
    metrics = tuple(metric for metric in USUAL if asked_for or metric != EXPRESSION)
  return metrics + ((PER_CLASS,) if options.per_class else ())


def _extractor(options: argparse.Namespace) -> Extractor | None:
  if find_weights(options.weights) is None:
    return None
  resize = convention(options)
  return Extractor(load_weights(options.weights), resize)


def _available(
  wanted: tuple[str, ...], extractor: Extractor | None, against: Comparison
) -> tuple[str, ...]:
  """The metrics that can be had; why not is told of the others.

  Raises:
    UserError: none can.
  """
  refused = {metric: refusal(metric, extractor, against) for metric in wanted}
  reasons = [f"{metric}: {reason}" for metric, reason in refused.items() if reason]
  metrics = tuple(metric for metric in wanted if not refused[metric])
  less = [metric for metric in metrics if metric in USE_WEIGHTS] if extractor is None else []
  reasons += [f"{metric}: measured in pixels alone" for metric in less]
  if extractor is None and (less or set(wanted) & set(NEED_WEIGHTS)):
    reasons = [HOW_TO_GET, *reasons]
  if not metrics:
    raise UserError("\n".join(reasons))
  for reason in reasons:
    _say(reason)
  return metrics


# The metrics that can be had against each reference.
_Tasks = list[tuple[tuple[str, ...], Comparison]]


def _images(options: argparse.Namespace, extractor: Extractor | None, tasks: _Tasks) -> bool:
  """Scores a folder, and returns whether what was asked for by name gave a value."""
  shapes = [_shape(against) for _, against in tasks]
  shape = next((shape for shape in shapes if shape), None)
  drawn = samples.from_folder(options.images, shape, extractor)
  nums = options.num or (len(drawn),)
  if max(nums) > len(drawn):
    raise UserError(f"--num={max(nums)}: {options.images} holds {len(drawn):,} images.")
  identity = {"images": str(options.images), "sha256": drawn.fingerprint}
  # Cached: against another reference the same features serve.
  draw = functools.cache(drawn.alone)
  subject = Subject(str(options.images), identity, draw, None, drawn.class_names)
  complete, results = True, Results(options.out)
  for metrics, against in tasks:
    outcome = Job(metrics, nums, against, extractor, results, None).run(subject)
    print(outcome.text)
    complete &= not outcome.refused & _by_name(options)
  return complete


def _shape(against: Comparison) -> tuple[int, int, int] | None:
  if against.reference is None:
    return None
  height, width, channels = against.reference.faces.images.shape[1:]
  return height, width, channels


def _checkpoints(
  options: argparse.Namespace,
  extractor: Extractor | None,
  tasks: _Tasks,
  class_names: tuple[str, ...],
) -> bool:
  """Scores a run's checkpoints; returns whether all that was asked for by name gave a value."""
  workdir: pathlib.Path = options.workdir
  results = Results(options.out or workdir / "evaluation.jsonl")
  writable = os.access(workdir, os.W_OK)
  if not writable:
    _say(f"{workdir} cannot be written: no TensorBoard files, no pictures.")
  nums = options.num or (_DEFAULT_NUM,)
  jobs = [
    Job(metrics, nums, against, extractor, results, workdir if writable else None)
    for metrics, against in tasks
  ]

  def take(step: int) -> bool:
    subject = _checkpoint(options, extractor, step, class_names)
    outcomes = [job.run(subject) for job in jobs]
    for outcome in outcomes:
      if outcome.fresh or not options.follow:
        print(outcome.text, flush=True)
    if writable:
      refresh(workdir)
    return not any(outcome.refused & _by_name(options) for outcome in outcomes)

  if options.step is not None:
    return take(targets.one(workdir, options.step))
  if not (options.all or options.follow):
    return newest_intact(workdir, targets.list_steps(workdir), take)[0]
  complete, lost = True, []
  for step in _steps(options):
    try:
      complete &= take(step)
    except CheckpointError as error:
      _say(f"not scored: {error}")  # the others still can be
      lost.append(step)
  if lost:
    _say(f"not scored: {', '.join(f'{step:,}' for step in lost)}")
  return complete and not lost


def _checkpoint(
  options: argparse.Namespace,
  extractor: Extractor | None,
  step: int,
  class_names: tuple[str, ...],
) -> Subject:
  kind = "ema" if options.ema else "raw"
  title = f"{options.workdir}, step {step:,}, {kind} weights"

  @functools.cache  # against another reference the same samples serve
  def draw(num: int) -> samples.Samples:
    generator = load_generator(options.workdir, step, options.ema)
    return samples.draw(generator, num, options.seed, extractor, title)

  # A run made anew in the same folder has the same steps, at other times.
  identity = {"step": step, "generator": kind, "saved_at": saved_at(options.workdir, step)}
  return Subject(title, identity, draw, step, class_names)


def _steps(options: argparse.Namespace) -> Iterator[int]:
  if options.all:
    yield from targets.list_steps(options.workdir)
    return
  _say("Following. What the trainer deletes before its turn is not scored: config.keep_latest.")
  told = False
  for step in targets.follow(options.workdir):
    if step is not None:
      yield step
      told = False
    elif not told:
      _say("waiting for the next checkpoint …")
      told = True
  _say("training is done")


def _wait_for_the_first(workdir: pathlib.Path) -> None:
  if not workdir.absolute().parent.is_dir():
    raise UserError(f"--workdir={workdir}: no such folder, nor the one it would be in.")
  if not targets.list_steps(workdir):
    _say(f"waiting for the first checkpoint in {workdir} …")
  while not targets.list_steps(workdir):
    check_single(workdir, "Score")  # what is being trained may turn out to be a run of each class
    if has_ended(workdir):
      raise UserError(f"--workdir={workdir}: its training has ended without a checkpoint.")
    time.sleep(targets.SECONDS_BETWEEN_LOOKS)


def _print_floors(
  options: argparse.Namespace, against: Comparison, extractor: Extractor | None
) -> None:
  if extractor is None:
    raise UserError(HOW_TO_GET)
  if against.reference is None:
    raise UserError("floors need images, not only their statistics: name a split or a folder.")
  reference = against.reference
  for num in options.num or (_DEFAULT_NUM,):
    print(f"FID of real images, at {num:,} samples against {reference.description}:")
    found = floors.all_of(reference, num, against.train, against.held_out)
    print(floor_table([asdict(floor) for floor in found]), flush=True)


def _say(text: str) -> None:
  print(text, file=sys.stderr, flush=True)
