"""What a run has left in its workdir."""

import json

import jax
import numpy as np

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.models.build import build


def state_at(workdir, config, step, num_classes=0):
  """The whole state of a checkpoint: parameters, optimiser, BatchNorm statistics, EMA."""
  networks = build(config.model, (48, 48, 1), num_classes)
  like = create_state(networks, make_optimizers(config.optimizer), 0)
  checkpoints = Checkpoints(workdir)
  state = checkpoints.restore(step, like)
  checkpoints.close()
  return state


def assert_same_bits(a, b):
  jax.tree.map(np.testing.assert_array_equal, a, b)


def rows_of(workdir):
  return [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
