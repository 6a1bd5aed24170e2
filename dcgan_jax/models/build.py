"""Architectures by name."""

from typing import NamedTuple

import flax.linen as nn
from ml_collections import ConfigDict

from dcgan_jax.models import pixelnorm_dcgan

NAMES = ("pixelnorm_dcgan",)


class Networks(NamedTuple):
  """The two players and the shapes they meet in."""

  generator: nn.Module
  discriminator: nn.Module
  latent_size: int
  image_shape: tuple[int, int, int]  # height, width, channels


def build(
  model: ConfigDict, image_shape: tuple[int, int, int], axis_name: str | None = None
) -> Networks:
  """Builds the networks of `config.model`.

  Args:
    model: name, latent_size and width, as in configs/default.py.
    image_shape: height, width, channels of the data.
    axis_name: mapped axis for global BatchNorm statistics, None outside of one.

  Raises:
    KeyError: unknown name (a checked config has none).
  """
  size, _, channels = image_shape
  if model.name == "pixelnorm_dcgan":
    generator = pixelnorm_dcgan.Generator(size, channels, model.width)
    discriminator = pixelnorm_dcgan.Discriminator(model.width, axis_name)
  else:
    raise KeyError(model.name)
  return Networks(generator, discriminator, model.latent_size, image_shape)


def problems(model: ConfigDict, image_shape: tuple[int, int, int]) -> list[str]:
  """What keeps the architecture from fitting such images, one sentence each; empty if it fits."""
  height, width, _ = image_shape
  found = []
  if height != width:
    found.append(f"images are {height}×{width}; {model.name} needs square ones")
  if height % 16:
    found.append(
      f"images are {height}×{width}; {model.name} halves four times and needs a multiple of 16"
    )
  return found
