"""A trained generator out of a workdir: all that sampling and judging need of a run."""

import pathlib
from typing import Any, NamedTuple

import jax
from ml_collections import ConfigDict

from dcgan_jax.checkpoints import Checkpoints, Record, find_step
from dcgan_jax.errors import UserError
from dcgan_jax.gan.state import create_state, make_optimizer, weights
from dcgan_jax.models.build import Networks, build

PyTree = Any


class TrainedGenerator(NamedTuple):
  """A generator as one checkpoint has it."""

  networks: Networks
  weights: PyTree  # {"params", "batch_stats"}
  step: int  # completed updates
  record: Record  # config, data and versions, as saved with the checkpoint


def load_generator(workdir: pathlib.Path, step: int | None, ema: bool) -> TrainedGenerator:
  """Restores the generator of a checkpoint, built from the config stored in it.

  Args:
    workdir: a run's folder.
    step: which checkpoint; None for the newest.
    ema: the exponential moving average rather than the raw weights.

  Raises:
    UserError: no such workdir or checkpoint (names those there are).
  """
  if not (workdir / "checkpoints").is_dir():
    there = "no such folder" if not workdir.exists() else "not a run's folder: no checkpoints in it"
    raise UserError(
      f"--workdir={workdir}: {there}.\n"
      f"Train first:  python -m dcgan_jax.main --config=configs/quickstart.py --workdir={workdir}"
    )
  checkpoints = Checkpoints(workdir)
  try:
    step = find_step(checkpoints, workdir, step)
    record = checkpoints.record(step)
    config = ConfigDict(record["config"])
    networks = build(config.model, tuple(record["data"]["image_shape"]))
    like = jax.eval_shape(
      lambda: create_state(networks, make_optimizer(config.optimizer), config.seed)
    )
    state = checkpoints.restore(step, like)
  finally:
    checkpoints.close()
  return TrainedGenerator(networks, state.ema if ema else weights(state.generator), step, record)
