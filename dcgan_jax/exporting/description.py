"""What whoever loads an exported generator must know: the content of config.json."""

import pathlib
from typing import Any

import jax

from dcgan_jax import __version__
from dcgan_jax import config as configs
from dcgan_jax.models.build import NAMES, build, problems
from dcgan_jax.trained import PyTree, TrainedGenerator

Description = dict[str, Any]

RAW, EMA = "raw", "ema"


def describe(generator: TrainedGenerator, kind: str) -> Description:
  """Describes a generator, in JSON types.

  Paths of the machine that it was trained on are left out.

  Args:
    generator: a checkpoint's.
    kind: of its weights, RAW or EMA.

  Returns:
    "image_shape" (height, width, channels), "pixel_range", "latent_size", "latent_distribution"
    ("normal": N(0, 1); "uniform": on [-1, 1]), "num_classes" (0 where none can be asked for),
    "class_names" (of the columns of "classes"), "step", "weights" (RAW or EMA), "config" and "data"
    (of the run), "trained_with" and "exported_with" (versions).
  """
  networks, record = generator.networks, generator.record
  config = configs.completed(record["config"]).to_dict()
  config["data"]["data_dir"] = None
  if config["model"].get("classifier"):
    config["model"]["classifier"] = pathlib.PurePath(config["model"]["classifier"]).name
  return {
    "image_shape": list(networks.image_shape),
    "pixel_range": [-1.0, 1.0],
    "latent_size": networks.latent_size,
    "latent_distribution": networks.latent_distribution,
    "num_classes": networks.num_classes,
    "class_names": list(generator.class_names) if networks.num_classes else [],
    "step": generator.step,
    "weights": kind,
    "config": config,
    "data": record["data"],
    "trained_with": record.get("versions", {}),
    "exported_with": {"dcgan_jax": __version__, "jax": jax.__version__},
  }


def described(description: Description, weights: PyTree) -> TrainedGenerator:
  """The generator that a description is of.

  Args:
    description: as `describe` makes it, or anything.
    weights: its.

  Raises:
    ValueError, KeyError, TypeError: it describes no generator.
  """
  config, data = configs.completed(description["config"]), description["data"]
  names, image_shape = data.get("class_names", []), tuple(data["image_shape"])
  if config.model.name not in NAMES or problems(config.model, image_shape, len(names)):
    raise ValueError("no such model")
  networks = build(config.model, image_shape, len(names))
  record = {
    "config": description["config"], "data": data, "versions": description["trained_with"]
  }  # fmt: skip
  return TrainedGenerator(networks, weights, int(description["step"]), record)
