"""The discriminator as the game uses it: behind the augmentation, with its dropout's keys."""

import enum
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from ml_collections import ConfigDict

from dcgan_jax.gan.augment import augment
from dcgan_jax.models.networks import Judgement, Networks
from dcgan_jax.randomness import Stream, stream_key

PyTree = Any


class Turn(enum.IntEnum):
  """The passes through the discriminator in one update; each draws for itself."""

  REAL = 0
  FAKE = 1
  GENERATOR = 2


# (params, batch_stats, pixels, classes, step, turn) to (Judgement, new batch_stats)
Judge = Callable[..., tuple[Judgement, PyTree]]


def make_judge(networks: Networks, config: ConfigDict, axis_name: str | None) -> Judge:
  """Builds the pass through the discriminator.

  Args:
    networks: with the discriminator.
    config: for its seed and augmentation.
    axis_name: the mapped axis, None outside of one.
  """
  kinds = augmentations(config)

  def judge(
    params: PyTree,
    stats: PyTree,
    pixels: jax.Array,
    classes: jax.Array,
    step: jax.Array,
    turn: Turn,
  ) -> tuple[Judgement, PyTree]:
    def key(stream: Stream) -> jax.Array:
      return jax.random.fold_in(stream_key(config.seed, stream, step), turn)

    share = augmentation_share(config, step)
    judgement, new = networks.discriminator.apply(
      {"params": params, "batch_stats": stats},
      augment(pixels, kinds, key(Stream.AUGMENTATION), axis_name, share),
      classes,
      mutable=["batch_stats"],
      rngs={"dropout": key(Stream.DROPOUT)},
    )
    return judgement, new.get("batch_stats", {})  # a network without BatchNorm has none

  return judge


def augmentation_share(config: ConfigDict, step: jax.Array) -> jax.Array | None:
  """The probability, in the update after `step`, of each augmentation that waits; None for 1.

  It is 0 in the first `augmentation_start` updates, and grows linearly to 1 in `augmentation_ramp`
  more.
  """
  start, ramp = config.augmentation_start, config.augmentation_ramp
  if not start and not ramp:
    return None
  return jnp.clip((step + 1 - start) / max(ramp, 1), 0.0, 1.0)


def augmentations(config: ConfigDict) -> tuple[str, ...]:
  """`config.augmentation` as a tuple of kinds."""
  return tuple(kind.strip() for kind in config.augmentation.split(",") if kind.strip())
