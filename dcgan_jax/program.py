"""The program that a config asks for: networks, optimisers, and the update over all devices."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
from ml_collections import ConfigDict

from dcgan_jax import parallel
from dcgan_jax.gan.state import GANState, Optimizers, create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.gan.update import make_update
from dcgan_jax.models.build import build
from dcgan_jax.models.networks import Networks


class Program(NamedTuple):
  """What trains."""

  networks: Networks  # under the mapped axis, where there are several devices
  optimizers: Optimizers
  update: parallel.DataParallel  # of (state, source, batches, count), as gan/update.py has them
  seed: int

  def initial_state(self) -> GANState:
    """The state at step 0, on one device."""
    return create_state(self.networks, self.optimizers, self.seed)


def make_program(
  config: ConfigDict,
  image_shape: tuple[int, int, int],
  num_classes: int,
  devices: Sequence[jax.Device] | None = None,
) -> Program:
  """Builds the program; nothing is compiled before it is first used.

  Args:
    config: a checked config.
    image_shape: height, width, channels of the data.
    num_classes: of the data, 0 where they are unlabelled.
    devices: all there are, unless others are named.
  """
  axis = parallel.axis_over(devices)
  networks = build(config.model, image_shape, num_classes, axis)
  optimizers = make_optimizers(config.optimizer)
  step = make_step(networks, optimizers, config, axis)
  update = make_update(step, image_shape, axis)
  return Program(networks, optimizers, parallel.DataParallel(update, devices), config.seed)
