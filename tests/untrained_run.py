"""A workdir to read from, without the minutes that compiling a training takes."""

import pathlib
from collections.abc import Sequence

import jax
import numpy as np
from small import small_config

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.data.builders import load_prepared
from dcgan_jax.gan.state import create_state, make_optimizer
from dcgan_jax.models.build import build
from dcgan_jax.record import make_record


def write_checkpoints(
  workdir: pathlib.Path, steps: Sequence[int], data_dir: pathlib.Path | None = None
) -> None:
  """Checkpoints of the small config as a run leaves them, but for random numbers as weights.

  They differ from step to step, and the raw weights from their average. Without a data directory
  the record knows no more of the data than the images' shape.
  """
  config = small_config(data_dir or workdir / "data")
  networks = build(config.model, (48, 48, 1))
  like = jax.eval_shape(
    lambda: create_state(networks, make_optimizer(config.optimizer), config.seed)
  )
  record = {"config": config.to_dict(), "data": {"image_shape": [48, 48, 1]}}
  if data_dir:
    record = make_record(config, load_prepared("synthetic", "train", str(data_dir)))
  checkpoints = Checkpoints(workdir, keep_latest=len(steps))
  rng = np.random.default_rng(0)
  for step in steps:
    # Not below 0: some of them are variances.
    state = jax.tree.map(lambda leaf: (rng.random(leaf.shape) / 10).astype(leaf.dtype), like)
    checkpoints.save(step, state, record)
  checkpoints.close()
