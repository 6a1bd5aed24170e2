"""The evaluation command: which metrics can be had, and every subject that the flags name."""

import argparse
import pathlib
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

import jax

from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import floors, samples, targets
from dcgan_jax.evaluation.against import Trained, comparison, trained_on
from dcgan_jax.evaluation.job import Job, Subject
from dcgan_jax.evaluation.protocol import METRICS, PER_CLASS
from dcgan_jax.evaluation.results import Results
from dcgan_jax.evaluation.scoring import Comparison, refusal
from dcgan_jax.evaluation.table import floor_table
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.resize import Resize
from dcgan_jax.metrics.weights import HOW_TO_GET, find_weights, load_weights
from dcgan_jax.trained import UnreadableCheckpointError, load_generator


def run(options: argparse.Namespace) -> bool:
  """Does what the flags of `dcgan_jax.evaluate` ask for.

  Returns:
    Whether every metric asked for by name could be had.

  Raises:
    UserError: a mistake in the data, a checkpoint or the weights.
  """
  signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: code 75
  _check_device()
  extractor = _extractor(options)
  if options.follow:
    _wait_for_the_first(options.workdir)
  trained = trained_on(options.workdir, options.data_dir) if options.workdir else None
  against = comparison(options, trained, extractor)
  if not (options.workdir or options.images):
    _print_floors(options, against, extractor)
    return True
  metrics, complete = _available(options, extractor, against)
  _evaluate(options, metrics, extractor, against, trained)
  return complete


def _check_device() -> None:
  try:
    jax.devices()
  except RuntimeError as error:
    reason = (str(error).splitlines() or [""])[0]
    raise UserError(
      f"no device to compute on: {reason[:200]}\n"
      "Where a training holds the accelerator, score on the CPU with --device=cpu."
    ) from error


def _extractor(options: argparse.Namespace) -> Extractor | None:
  if find_weights(options.weights) is None:
    return None
  return Extractor(load_weights(options.weights), Resize(options.resize))


def _available(
  options: argparse.Namespace, extractor: Extractor | None, against: Comparison
) -> tuple[tuple[str, ...], bool]:
  """The metrics that can be had, and whether that is all that were asked for by name."""
  wanted = (options.metrics or METRICS) + ((PER_CLASS,) if options.per_class else ())
  refused = {metric: refusal(metric, extractor, against) for metric in wanted}
  metrics = tuple(metric for metric in wanted if not refused[metric])
  if extractor is None and not metrics:
    raise UserError(HOW_TO_GET)
  if extractor is None and any(refused.values()):
    _say(HOW_TO_GET)
  for metric in wanted:
    if refused[metric]:
      _say(f"{metric}: {refused[metric]}")
  return metrics, len(metrics) == len(wanted) or (options.metrics is None and not options.per_class)


def _evaluate(
  options: argparse.Namespace,
  metrics: tuple[str, ...],
  extractor: Extractor | None,
  against: Comparison,
  trained: Trained | None,
) -> None:
  protocol = {
    "seed": options.seed,
    "reference": {"name": against.label, "sha256": against.identity},
    "inception_sha256": extractor.sha256 if extractor else None,
    "resize": options.resize,
  }
  workdir: pathlib.Path | None = options.workdir
  results = Results(options.out or (workdir and workdir / "evaluation.jsonl"))
  if workdir is None:
    drawn = samples.from_folder(options.images, _shape(against), extractor)
    job = Job(metrics, (len(drawn),), against, protocol, results, None)
    print(job.run(_folder(options.images, drawn)))
    return
  job = Job(metrics, options.num, against, protocol, results, workdir)
  for step in _steps(options):
    try:
      print(job.run(_checkpoint(options, extractor, step)), flush=True)
    except UnreadableCheckpointError as error:
      if not (options.all or options.follow):
        raise
      _say(f"not scored: {error}")  # the others still can be


def _shape(against: Comparison) -> tuple[int, int, int] | None:
  if against.reference is None:
    return None
  height, width, channels = against.reference.faces.images.shape[1:]
  return height, width, channels


def _folder(path: pathlib.Path, drawn: samples.Samples) -> Subject:
  identity = {"images": str(path), "sha256": drawn.fingerprint}
  return Subject(str(path), identity, lambda num: drawn.first(num), None)


def _checkpoint(options: argparse.Namespace, extractor: Extractor | None, step: int) -> Subject:
  kind = "ema" if options.ema else "raw"
  title = f"{options.workdir}, step {step:,}, {kind} weights"

  def draw(num: int) -> samples.Samples:
    generator = load_generator(options.workdir, step, options.ema)
    return samples.draw(generator, num, options.seed, extractor, title)

  return Subject(title, {"step": step, "generator": kind}, draw, step)


def _steps(options: argparse.Namespace) -> Iterator[int]:
  if options.all:
    yield from targets.list_steps(options.workdir)
  elif not options.follow:
    yield targets.one(options.workdir, options.step)
  else:
    told = False
    for step in targets.follow(options.workdir):
      if step is not None:
        yield step
        told = False
      elif not told:
        _say("waiting for the next checkpoint …")
        told = True
    _say(f"training is done, at step {targets.finished_step(options.workdir)}")


def _wait_for_the_first(workdir: pathlib.Path) -> None:
  if not targets.list_steps(workdir):
    _say(f"waiting for the first checkpoint in {workdir} …")
  while not targets.list_steps(workdir):
    time.sleep(targets.SECONDS_BETWEEN_LOOKS)


def _print_floors(
  options: argparse.Namespace, against: Comparison, extractor: Extractor | None
) -> None:
  if extractor is None:
    raise UserError(HOW_TO_GET)
  if against.reference is None:
    raise UserError("floors need images, not only their statistics: name a split or a folder.")
  reference = against.reference
  for num in options.num:
    print(f"FID of real images, at {num:,} samples against {reference.description}:")
    found = floors.all_of(reference, num, against.train, against.held_out)
    print(floor_table([asdict(floor) for floor in found]), flush=True)


def _say(text: str) -> None:
  print(text, file=sys.stderr, flush=True)
