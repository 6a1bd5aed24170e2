"""Our side of the comparisons: the training dispatch as train.py builds it."""

import jax
import numpy as np

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.config_files import reference
from dcgan_jax.program import make_program


class Trainer:
  """The default experiment's update on all devices."""

  def __init__(self, width=64, seed=0, precision=None):
    config = reference()
    config.model.width = width
    config.seed, config.precision = seed, precision
    self._program = make_program(config, (48, 48, 1), 0)
    self.networks = self._program.networks
    self.state = parallel.replicate(self._program.initial_state())

  def run(self, images, count):
    """`count` updates on uint8 [K, batch, 48, 48, 1]; returns their mean metrics."""
    batches = Batch(images, np.full(images.shape[:2], -1, np.int32))
    self.state, metrics = self._program.update(self.state, None, batches, count)
    return jax.block_until_ready(metrics)
