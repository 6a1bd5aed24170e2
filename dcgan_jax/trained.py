"""A trained generator out of a workdir: all that sampling and judging need of a run."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax

from dcgan_jax import config as configs
from dcgan_jax.checkpoints import Checkpoints, Record, find_step
from dcgan_jax.errors import UserError
from dcgan_jax.gan.state import create_state, make_optimizers, weights
from dcgan_jax.gan.statistics import make_measure
from dcgan_jax.models.build import NAMES, build
from dcgan_jax.models.networks import Networks
from dcgan_jax.record import class_counts

PyTree = Any


class TrainedGenerator(NamedTuple):
  """A generator as one checkpoint has it."""

  networks: Networks
  weights: PyTree  # {"params", "batch_stats"}
  step: int  # completed updates
  record: Record  # config, data and versions, as saved with the checkpoint

  @property
  def class_names(self) -> tuple[str, ...]:
    """The classes of its training set by label; empty for an unlabelled one."""
    return tuple(self.record["data"].get("class_names", ()))

  @property
  def expression(self) -> str | None:
    """The one class that it was trained on, if any."""
    return self.record["config"]["data"].get("expression")


class CheckpointError(UserError):
  """One checkpoint is of no use, though others may be: deleted, damaged, or of a diverged run."""


def load_generator(workdir: pathlib.Path, step: int | None, ema: bool) -> TrainedGenerator:
  """Restores the generator of a checkpoint, built from the config stored in it.

  Args:
    workdir: a run's folder.
    step: which checkpoint; None for the newest.
    ema: the exponential moving average rather than the raw weights, with BatchNorm statistics
      measured.

  Raises:
    UserError: no such workdir, or no checkpoints in it.
    CheckpointError: no such checkpoint (names those there are), the trainer deleted it
      in mid-read, or it is damaged.
  """
  with _checkpoint(workdir, step) as (checkpoints, step):
    record = checkpoints.record(step)
    config = configs.completed(record["config"])
    data = record["data"]
    class_names = data.get("class_names", ())
    if config.model.name not in NAMES:
      raise UserError(f"--workdir={workdir}: holds a {config.model.name}, not a generator.")
    networks = build(config.model, tuple(data["image_shape"]), len(class_names))
    like = jax.eval_shape(
      lambda: create_state(networks, make_optimizers(config.optimizer), config.seed)
    )
    state = checkpoints.restore(step, like)
  if not ema:
    return TrainedGenerator(networks, weights(state.generator), step, record)
  measure = make_measure(networks, config.seed, class_counts(record, networks.num_classes))
  return TrainedGenerator(networks, measure(state.ema), step, record)


def load_record(workdir: pathlib.Path, step: int | None = None) -> Record:
  """The record of a checkpoint: config, data and versions. Arguments and errors as above."""
  with _checkpoint(workdir, step) as (checkpoints, step):
    return checkpoints.record(step)


def saved_at(workdir: pathlib.Path, step: int) -> int:
  """When a checkpoint was saved, in nanoseconds. Errors as above."""
  with _checkpoint(workdir, step) as (checkpoints, step):
    return checkpoints.saved_at(step)


@contextlib.contextmanager
def _checkpoint(workdir: pathlib.Path, step: int | None) -> Iterator[tuple[Checkpoints, int]]:
  checkpoints = _open(workdir)
  try:
    step = _find(checkpoints, workdir, step)
    yield checkpoints, step
  except (UserError, jax.errors.JaxRuntimeError):  # the latter is the device's: out of memory
    raise
  except Exception as error:  # Orbax passes on whatever its readers meet in half a checkpoint
    raise CheckpointError(_why(workdir, step, error)) from error
  finally:
    checkpoints.close()


def _open(workdir: pathlib.Path) -> Checkpoints:
  try:
    if (workdir / "checkpoints").is_dir():
      return Checkpoints(workdir, read_only=True)
    there = "not a run's folder: no checkpoints in it" if workdir.exists() else "no such folder"
  except OSError as error:
    raise UserError(f"--workdir={workdir}: cannot be read: {error.strerror or error}.") from error
  raise UserError(
    f"--workdir={workdir}: {there}.\n"
    f"Train first:  python -m dcgan_jax.main --config=configs/quickstart.py --workdir={workdir}"
  )


def _find(checkpoints: Checkpoints, workdir: pathlib.Path, step: int | None) -> int:
  try:
    return find_step(checkpoints, workdir, step)
  except UserError as error:
    if step is None:
      raise
    # It may have been there a moment ago: a trainer deletes what others have listed.
    raise CheckpointError(str(error)) from error


def _why(workdir: pathlib.Path, step: int | None, error: Exception) -> str:
  folder = workdir / "checkpoints" / str(step)
  if not folder.is_dir():
    return (
      f"checkpoint {step} of {workdir} was deleted while it was being read.\n"
      "A trainer keeps the newest few: have it keep more with --config.keep_latest."
    )
  reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
  return f"{folder}: the checkpoint is damaged: {reason[:200]}\nName another one with --step."
