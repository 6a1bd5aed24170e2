"""Our side of the comparisons: the training dispatch as train.py builds it."""

import jax
import numpy as np

from dcgan_jax import config as configs
from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.gan.update import make_update
from dcgan_jax.models.build import build


class Trainer:
  """The default experiment's update on all devices."""

  def __init__(self, width=64, seed=0):
    config = configs.reference()
    config.model.width = width
    config.seed = seed
    self.networks = build(config.model, (48, 48, 1), 0, parallel.AXIS)
    optimizers = make_optimizers(config.optimizer)
    self.state = parallel.replicate(create_state(self.networks, optimizers, seed))
    step = make_step(self.networks, optimizers, config, parallel.AXIS)
    self._update = parallel.data_parallel(make_update(step, parallel.AXIS))

  def run(self, images, count):
    """`count` updates on uint8 [K, batch, 48, 48, 1]; returns their mean metrics."""
    batches = Batch(images, np.full(images.shape[:2], -1, np.int32))
    self.state, metrics = self._update(self.state, batches, count)
    return jax.block_until_ready(metrics)
