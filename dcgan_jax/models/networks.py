"""The contract between the architectures and everything that plays with them.

Every generator is called as `generator(latents, classes=None, train=True)` and returns pixels,
float32 [batch, height, width, channels] in [-1, 1]. Every discriminator is called as
`discriminator(pixels, classes=None, train=True)` and returns a Judgement.

`classes` is float32 [batch, num_classes]: one-hot rows, or mixtures of classes that sum to 1.
Unconditional networks ignore it, and so does a discriminator that guesses the class. With
`train=True` dropout, where there is any, draws from `rngs={"dropout": key}`, and the collection
"batch_stats", where there is any, is updated.
"""

from typing import NamedTuple

import flax.linen as nn
import jax


class Judgement(NamedTuple):
  """What a discriminator says of a batch."""

  # float [batch]: above 0 for real; where several judge, [judges * batch], one after another
  logits: jax.Array
  class_logits: jax.Array | None = None  # float [batch, num_classes], where it classifies


class Networks(NamedTuple):
  """The two players and the shapes they meet in."""

  generator: nn.Module
  discriminator: nn.Module
  latent_size: int
  latent_distribution: str  # "normal": N(0, 1); "uniform": on [-1, 1]
  image_shape: tuple[int, int, int]  # height, width, channels
  num_classes: int  # 0 for unconditional networks
