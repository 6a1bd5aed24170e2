"""Reading a config and checking it whole: every mistake is named in one message."""

import difflib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ml_collections import ConfigDict

from dcgan_jax.config_files import reference
from dcgan_jax.contradictions import contradictions
from dcgan_jax.errors import UserError
from dcgan_jax.gan import losses
from dcgan_jax.models import build, precision

if TYPE_CHECKING:
  from dcgan_jax.data.prepared import Prepared


_IMAGES_PER_DISPATCH = 128  # on a CPU: ten seconds of the cGAN, the slowest, on half a core


def total_steps(config: ConfigDict, num_examples: int) -> int:
  """Updates in the whole run: `num_epochs` passes, or `num_steps` where that is less."""
  steps = math.ceil(config.num_epochs * num_examples / config.batch_size)
  return steps if config.num_steps is None else min(steps, config.num_steps)


def steps_per_dispatch(config: ConfigDict, platform: str) -> int:
  """Updates in one call into the device, by default few on a CPU so that Ctrl-C answers soon."""
  if config.steps_per_dispatch:
    return config.steps_per_dispatch
  if platform != "cpu":
    return 100
  return max(1, min(8, _IMAGES_PER_DISPATCH // config.batch_size))


def intervals(config: ConfigDict) -> tuple[int, ...]:
  """Steps between what a run stops to do: to log, to draw, to save."""
  return config.log_every, config.sample_every, config.checkpoint_every


def longest_dispatch(config: ConfigDict, platform: str) -> int:
  """The same, and no more than any interval: the batches in a stack of the training stream."""
  return min(steps_per_dispatch(config, platform), *intervals(config))


def check(config: ConfigDict, num_devices: int) -> None:
  """Checks everything that can be known before the data are opened.

  Raises:
    UserError: one message with a line for every mistake.
  """
  broken = [*_missing_fields(config, reference()), *_wrong_types(config)]
  # Values are looked at once every field is there and of its type.
  values = [] if broken else _wrong_values(config, num_devices)
  problems = [*_unknown_fields(config, reference()), *broken, *values]
  if problems:
    raise UserError("\n".join(["the config has mistakes:", *(f"- {line}" for line in problems)]))


def check_against_data(config: ConfigDict, data: "Prepared") -> None:
  """Checks what depends on the data: that the model is made for such images, and enough of them.

  Args:
    config: a checked config.
    data: what it is to be trained on.

  Raises:
    UserError: one message with a line for every mistake.
  """
  count, *image_shape = data.images.shape
  where = f"{config.data.name}/{config.data.split}"
  problems = list(_wrong_images(config.model, image_shape, where))
  if not problems:
    found = build.problems(config.model, tuple(image_shape), len(data.class_names))
    problems = [f"config.model: {line}." for line in found]
  unlabelled = int((data.labels < 0).sum())
  if not problems and config.model.name in build.CONDITIONAL and unlabelled:
    problems.append(f"config.data: {unlabelled:,} images of {where} have no class: leave them out.")
  if count < config.batch_size:
    problems.append(
      f"config.batch_size: {config.batch_size} is more than the {count} images of {where}."
    )
  decay, steps = config.optimizer.decay_steps, total_steps(config, count)
  if decay is not None and decay < steps:
    problems.append(
      f"config.optimizer.decay_steps: nothing is learnt after step {decay:,}, and the run has "
      f"{steps:,}. End it there:  --config.num_steps={decay}"
    )
  if problems:
    raise UserError("\n".join(["the config does not fit the data:", *problems]))


def _wrong_images(model: ConfigDict, image_shape: Sequence[int], where: str) -> Iterator[str]:
  height, width, channels = image_shape
  if (height, width) != (model.image_size, model.image_size):
    yield (
      f"config.model.image_size: the model is for {model.image_size}×{model.image_size} pixels, "
      f"{where} has {height}×{width}."
    )
  if channels != model.channels:
    kinds = {1: "gray", 3: "colour"}
    yield (
      f"config.model.channels: the model is for {kinds[model.channels]} images "
      f"({model.channels}), {where} has {kinds.get(channels, 'other')} ones ({channels})."
    )


def completed(saved: dict[str, Any]) -> ConfigDict:
  """A config as saved with a checkpoint, with the fields that there were not yet.

  Their defaults are what was done before there was a choice.
  """
  config = reference().to_dict()
  _merge(config, saved)
  return ConfigDict(config)


def _merge(into: dict[str, Any], saved: dict[str, Any]) -> None:
  for key, value in saved.items():
    if isinstance(value, dict) and isinstance(into.get(key), dict):
      _merge(into[key], value)
    else:
      into[key] = value


def _fields(config: ConfigDict, prefix: str = "config") -> Iterator[tuple[str, Any]]:
  """Every leaf as ("config.data.name", value)."""
  for key in config:
    value = config[key]
    if isinstance(value, ConfigDict):
      yield from _fields(value, f"{prefix}.{key}")
    else:
      yield f"{prefix}.{key}", value


def _unknown_fields(config: ConfigDict, reference: ConfigDict) -> Iterator[str]:
  known = dict(_fields(reference))
  for name, _ in _fields(config):
    if name not in known:
      close = difflib.get_close_matches(name, known, n=1)
      hint = f" Did you mean {close[0]}?" if close else " configs/default.py lists the fields."
      yield f"{name}: no such field.{hint}"


def _missing_fields(config: ConfigDict, reference: ConfigDict) -> Iterator[str]:
  present = dict(_fields(config))
  for name, _ in _fields(reference):
    if name not in present:
      yield f"{name}: missing. Start from configs/default.py, which sets it."


# The fields that may stay unset, and the type of each when set.
_OPTIONAL: dict[str, type] = {
  "config.num_steps": int,
  "config.precision": str,
  "config.steps_per_dispatch": int,
  "config.data.data_dir": str,
  "config.data.expression": str,
  "config.loss.generator_class_weight": float,
  "config.model.classifier": str,
  "config.optimizer.decay_steps": int,
  "config.optimizer.discriminator_learning_rate": float,
}


def _wrong_types(config: ConfigDict) -> Iterator[str]:
  """A config file may assign anything; the command line is checked by ml_collections."""
  expected_types = {name: type(value) for name, value in _fields(reference())} | _OPTIONAL
  for name, value in _fields(config):
    if name not in expected_types or (value is None and name in _OPTIONAL):
      continue
    expected = expected_types[name]
    accepted = (int, float) if expected is float else expected
    if not isinstance(value, accepted) or isinstance(value, bool) != (expected is bool):
      yield f"{name}: {value!r} is not {_kind(expected)}."


def _kind(expected: type) -> str:
  kinds = {int: "a whole number", float: "a number", str: "text", bool: "True or False"}
  return kinds[expected]


_POSITIVE = (
  "batch_size", "num_epochs", "num_steps", "steps_per_dispatch", "log_every", "sample_every",
  "checkpoint_every", "keep_latest", "keep_every", "model.latent_size", "model.width",
  "model.image_size", "optimizer.decay_steps",
)  # fmt: skip

_CHOICES = {
  "precision": (None, *precision.PRECISIONS),
  "data.placement": ("auto", "device", "host"),
  "model.name": build.NAMES,
  "model.channels": (1, 3),
  "model.latent_distribution": ("normal", "uniform"),
  "loss.adversarial": losses.NAMES,
  "loss.fake_classes": ("uniform", "data"),
}

_WEIGHTS = (
  "loss.r1",
  "loss.gradient_penalty",
  "loss.class_weight",
  "loss.generator_class_weight",
)
_SHARES = ("optimizer.b1", "optimizer.b2", "ema_decay", "loss.label_smoothing")
_RATES = ("optimizer.learning_rate", "optimizer.discriminator_learning_rate")


def _wrong_values(config: ConfigDict, num_devices: int) -> Iterator[str]:
  values = {name.removeprefix("config."): value for name, value in _fields(config)}
  for field in _POSITIVE:
    if values[field] is not None and values[field] < 1:
      yield f"config.{field}: {values[field]} is below 1."
  for field, choices in _CHOICES.items():
    if values[field] not in choices:
      listed = ", ".join(str(choice) for choice in choices if choice is not None)
      yield f"config.{field}: {values[field]!r} is not one of {listed}."
  for field in _RATES:
    if values[field] is not None and not (math.isfinite(values[field]) and values[field] > 0):
      yield f"config.{field}: {values[field]} is not above 0."
  for field in _WEIGHTS:
    if values[field] is not None and not (math.isfinite(values[field]) and values[field] >= 0):
      yield f"config.{field}: {values[field]} is not 0 or above."
  for field in _SHARES:
    if not 0 <= values[field] < 1:
      yield f"config.{field}: {values[field]} is outside 0 to 1 (1 excluded)."
  for field in ("augmentation_start", "augmentation_ramp"):
    if values[field] < 0:
      yield f"config.{field}: {values[field]} is below 0."
  if not 0 <= config.seed < 2**31:
    yield f"config.seed: {config.seed} is outside 0 to 2**31 - 1."
  if config.batch_size >= 1 and config.batch_size % num_devices:
    nearest = max(num_devices, round(config.batch_size / num_devices) * num_devices)
    yield (
      f"config.batch_size: {config.batch_size} does not divide over {num_devices} devices. "
      f"The nearest that does: {nearest}."
    )
  yield from contradictions(config, reference())
