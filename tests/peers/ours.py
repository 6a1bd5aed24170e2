"""Our side of the comparisons: the training dispatch as train.py builds it."""

import jax

from dcgan_jax import config as configs
from dcgan_jax import parallel
from dcgan_jax.gan.state import create_state, make_optimizer
from dcgan_jax.gan.step import make_step, make_update
from dcgan_jax.models.build import build


class Trainer:
  """The default experiment's update on all devices."""

  def __init__(self, width=64, seed=0):
    config = configs.reference()
    config.model.width = width
    self.networks = build(config.model, (48, 48, 1), parallel.AXIS)
    optimizer = make_optimizer(config.optimizer)
    self.state = parallel.replicate(create_state(self.networks, optimizer, seed))
    step = make_step(
      self.networks, optimizer, seed=seed, ema_decay=config.ema_decay, axis_name=parallel.AXIS
    )
    self._update = parallel.data_parallel(make_update(step, parallel.AXIS))

  def run(self, images, count):
    """`count` updates on uint8 [K, batch, 48, 48, 1]; returns their mean metrics."""
    self.state, metrics = self._update(self.state, images, count)
    return jax.block_until_ready(metrics)
