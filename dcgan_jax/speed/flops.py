"""What a training step computes, however it is computed."""

from typing import Any

import jax
from ml_collections import ConfigDict

from dcgan_jax.batch import Batch
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.models.build import build


def step_flops(config: ConfigDict, image_shape: tuple[int, int, int], num_classes: int) -> float:
  """FLOPs of one update of the global batch, as XLA counts those of the native convolutions.

  A CPU needs fewer where it takes Winograd's way, so that its share of the peak may pass 1. Taps
  that fall on padding are not counted.

  Args:
    config: a checked config.
    image_shape: height, width, channels.
    num_classes: of the data.
  """
  networks = build(config.model, image_shape, num_classes)
  optimizers = make_optimizers(config.optimizer)
  step = jax.jit(make_step(networks, optimizers, config, None))
  state = jax.eval_shape(lambda: create_state(networks, optimizers, config.seed))
  # TPUs convolve natively, and lowering needs none.
  batch = Batch(
    jax.ShapeDtypeStruct((config.batch_size, *image_shape), "uint8"),
    jax.ShapeDtypeStruct((config.batch_size,), "int32"),
  )
  lowered = step.trace(state, batch)
  cost: Any = lowered.lower(lowering_platforms=("tpu",)).cost_analysis()
  return float(cost["flops"])
