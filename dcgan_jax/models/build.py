"""Architectures by name."""

from typing import Any, NamedTuple

import flax.linen as nn
from ml_collections import ConfigDict

from dcgan_jax.models import (
  acgan,
  cgan,
  pixelnorm_dcgan,
  pixelnorm_projection,
  projection,
  radford_dcgan,
)
from dcgan_jax.models.feature_judges import FeatureJudges
from dcgan_jax.models.networks import Networks

CONDITIONAL = ("cgan", "acgan", "projection", "pixelnorm_projection")
NAMES = ("pixelnorm_dcgan", "radford_dcgan", *CONDITIONAL)


def build(
  model: ConfigDict,
  image_shape: tuple[int, int, int],
  num_classes: int,
  axis_name: str | None = None,
) -> Networks:
  """Builds the networks of `config.model`.

  Args:
    model: as in configs/default.py.
    image_shape: height, width, channels of the data.
    num_classes: classes of the data, 0 for unlabelled images; of no interest to the unconditional
      architectures.
    axis_name: mapped axis for global BatchNorm statistics and dropout, None outside of one.

  Raises:
    KeyError: unknown name (a checked config has none).
  """
  size, _, channels = image_shape
  drawing = {"image_size": size, "channels": channels, "width": model.width}
  judging = {
    "width": model.width,
    "spectral_norm": model.spectral_norm,
    "batch_norm": model.discriminator_batch_norm,
    "axis_name": axis_name,
  }
  generator, discriminator = _players(model.name, drawing, judging, num_classes)
  if model.classifier:
    # 128 filters at full width: 64, and four of the five layers, did less well in short runs.
    discriminator = FeatureJudges(discriminator, judging | {"width": 2 * model.width})
  return Networks(
    generator,
    discriminator,
    model.latent_size,
    model.latent_distribution,
    image_shape,
    num_classes if model.name in CONDITIONAL else 0,
  )


def _players(
  name: str, drawing: dict[str, Any], judging: dict[str, Any], num_classes: int
) -> tuple[nn.Module, nn.Module]:
  axis = {"axis_name": judging["axis_name"]}
  match name:
    case "pixelnorm_dcgan":  # PixelNorm looks at no other image
      return pixelnorm_dcgan.Generator(**drawing), pixelnorm_dcgan.Discriminator(**judging)
    case "radford_dcgan":
      return radford_dcgan.Generator(**drawing, **axis), radford_dcgan.Discriminator(**judging)
    case "cgan":  # no BatchNorm at all
      return cgan.Generator(**drawing), cgan.Discriminator(**judging)
    case "acgan":
      discriminator = acgan.Discriminator(**judging, num_classes=num_classes)
      return acgan.Generator(**drawing, **axis), discriminator
    case "pixelnorm_projection":
      module = pixelnorm_projection
      return module.Generator(**drawing), module.Discriminator(**judging)
    case "projection":
      judge = pixelnorm_projection.Discriminator(**judging)
      return projection.Generator(**drawing, **axis), judge
  raise KeyError(name)


class _Sizes(NamedTuple):
  """The image sizes an architecture is made for."""

  multiple: int
  halves: str  # how often, for the message
  smallest: int = 0
  largest: int | None = None


# The whole-map layers of Radford's networks have a kernel of a sixteenth of the size: below 32
# pixels nothing is left for them, above 128 they outgrow the rest of the network.
_RADFORD = _Sizes(16, "four times", 32, 128)
_SIZES = {
  "pixelnorm_dcgan": _Sizes(16, "four times"),
  "radford_dcgan": _RADFORD,
  "cgan": _Sizes(4, "twice"),
  "acgan": _Sizes(8, "three times"),
  "projection": _RADFORD,
  "pixelnorm_projection": _Sizes(16, "four times"),
}


def problems(model: ConfigDict, image_shape: tuple[int, int, int], num_classes: int) -> list[str]:
  """What keeps the architecture from fitting such data, one sentence each; empty if it fits.

  Args:
    model: as in configs/default.py, with a name out of NAMES.
    image_shape: height, width, channels of the data.
    num_classes: classes of the data, 0 for unlabelled images.
  """
  return [*_wrong_size(model.name, *image_shape[:2]), *_wrong_classes(model.name, num_classes)]


def _wrong_size(name: str, height: int, width: int) -> list[str]:
  sizes = _SIZES[name]
  images = f"images are {height}×{width}"
  if height != width:
    return [f"{images}; {name} needs square ones"]
  low = max(sizes.smallest, sizes.multiple)
  nearest = max(low, round(height / sizes.multiple) * sizes.multiple)
  nearest = min(nearest, sizes.largest or nearest)
  if height % sizes.multiple:
    return [
      f"{images}; {name} halves them {sizes.halves} and needs a multiple of {sizes.multiple}, "
      f"the nearest being {nearest}×{nearest}"
    ]
  if nearest != height:
    return [
      f"{images}; {name} is made for {sizes.smallest}×{sizes.smallest} to "
      f"{sizes.largest}×{sizes.largest}"
    ]
  return []


def _wrong_classes(name: str, num_classes: int) -> list[str]:
  if name not in CONDITIONAL or num_classes > 1:
    return []
  what = "these have no classes" if num_classes == 0 else "these are all of one class"
  return [
    f"{name} needs labelled images of several classes; {what}. Choose "
    "--config.model.name=pixelnorm_dcgan, or prepare the images from one folder per class"
  ]
