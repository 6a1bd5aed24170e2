"""A trained generator out of a workdir: all that sampling and judging need of a run."""

import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from dcgan_jax import config as configs
from dcgan_jax.checkpoints import CheckpointError, Checkpoints, Record, find_step
from dcgan_jax.errors import UserError
from dcgan_jax.gan.state import abstract_state, weights
from dcgan_jax.gan.statistics import make_measure
from dcgan_jax.intact import newest_intact
from dcgan_jax.models.build import NAMES, build
from dcgan_jax.models.networks import Networks
from dcgan_jax.record import class_counts
from dcgan_jax.waiting import doing

PyTree = Any
T = TypeVar("T")


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


def load_generator(workdir: pathlib.Path, step: int | None, ema: bool) -> TrainedGenerator:
  """Restores the generator of a checkpoint, built from the config stored in it.

  Args:
    workdir: a run's folder.
    step: which checkpoint; None for the newest that is whole (intact.py).
    ema: the exponential moving average rather than the raw weights, with BatchNorm statistics
      measured.

  Raises:
    UserError: no such workdir, or no checkpoints in it, or none that is whole.
    CheckpointError: no such checkpoint (names those there are), or the trainer deleted it in
      mid-read.
    DamagedError: it is damaged.
  """

  def load(checkpoints: Checkpoints, step: int) -> TrainedGenerator:
    record = checkpoints.record(step)
    config, data = configs.completed(record["config"]), record["data"]
    class_names = data.get("class_names", ())
    if config.model.name not in NAMES:
      raise UserError(f"--workdir={workdir}: holds a {config.model.name}, not a generator.")
    networks = build(config.model, tuple(data["image_shape"]), len(class_names))
    like = abstract_state(networks, config.optimizer, config.seed)
    with doing(f"reading the checkpoint of step {step:,}"):
      state = checkpoints.restore(step, like)
    if not ema:
      return TrainedGenerator(networks, weights(state.generator), step, record)
    measure = make_measure(networks, config.seed, class_counts(record, networks.num_classes))
    with doing("measuring the averaged weights' BatchNorm statistics"):
      return TrainedGenerator(networks, measure(state.ema), step, record)

  return _read(workdir, step, load)


def load_record(workdir: pathlib.Path, step: int | None = None) -> Record:
  """The record of a checkpoint: config, data and versions. Arguments and errors as above."""
  return _read(workdir, step, Checkpoints.record)


def saved_at(workdir: pathlib.Path, step: int) -> int:
  """When a checkpoint was saved, in nanoseconds. Errors as above."""
  return _read(workdir, step, Checkpoints.saved_at)


def _read(workdir: pathlib.Path, step: int | None, read: Callable[[Checkpoints, int], T]) -> T:
  """What `read` makes of a checkpoint, or of the newest that is whole."""
  checkpoints = _open(workdir)
  try:
    found = _find(checkpoints, workdir, step)
    if step is None:
      return newest_intact(workdir, checkpoints.steps(), lambda one: read(checkpoints, one))[0]
    return read(checkpoints, found)
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
