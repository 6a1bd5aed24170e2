"""Reading a config and checking it whole: every mistake is named in one message."""

import difflib
import importlib.util
import math
import pathlib
import sys
import types
from collections.abc import Iterator
from typing import Any

from ml_collections import ConfigDict

from dcgan_jax.errors import UserError
from dcgan_jax.models import build


def total_steps(config: ConfigDict, num_examples: int) -> int:
  """Updates in the whole run: `num_epochs` passes, or `num_steps` where that is less."""
  steps = math.ceil(config.num_epochs * num_examples / config.batch_size)
  return steps if config.num_steps is None else min(steps, config.num_steps)


def steps_per_dispatch(config: ConfigDict, platform: str) -> int:
  """Updates in one call into the device, by default few on a CPU so that Ctrl-C answers soon."""
  return config.steps_per_dispatch or (8 if platform == "cpu" else 100)


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


def check_against_data(config: ConfigDict, image_shape: tuple[int, int, int], count: int) -> None:
  """Checks what depends on the data: that the architecture fits its images, that there are enough.

  Args:
    config: a checked config.
    image_shape: height, width, channels.
    count: images in the split.

  Raises:
    UserError: one message with a line for every mistake.
  """
  problems = [f"config.model: {line}." for line in build.problems(config.model, image_shape)]
  if count < config.batch_size:
    problems.append(
      f"config.batch_size: {config.batch_size} is more than the {count} images of "
      f"{config.data.name}/{config.data.split}."
    )
  if problems:
    raise UserError("\n".join(["the config does not fit the data:", *problems]))


def reference() -> ConfigDict:
  """The config of configs/default.py: the fields there are, and their types."""
  path = _configs() / "default.py"
  spec = importlib.util.spec_from_file_location("dcgan_jax_default_config", path)
  assert spec is not None
  assert spec.loader is not None
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module.get_config()


def _configs() -> pathlib.Path:
  # In a checkout configs/ lies beside the package, in a wheel inside it.
  here = pathlib.Path(__file__).parent
  return next(p for p in (here / "configs", here.parent / "configs") if p.is_dir())


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
  "config.steps_per_dispatch": int,
  "config.data.data_dir": str,
}


def _wrong_types(config: ConfigDict) -> Iterator[str]:
  """A config file may assign anything; the command line is checked by ml_collections."""
  expected_types = {name: type(value) for name, value in _fields(reference())} | _OPTIONAL
  for name, value in _fields(config):
    if name not in expected_types or (value is None and name in _OPTIONAL):
      continue
    expected = expected_types[name]
    accepted = (int, float) if expected is float else expected
    if not isinstance(value, accepted) or isinstance(value, bool):
      yield f"{name}: {value!r} is not {_kind(expected)}."


def _kind(expected: type) -> str:
  return {int: "a whole number", float: "a number", str: "text"}[expected]


def _wrong_values(config: ConfigDict, num_devices: int) -> Iterator[str]:
  positive = [
    "batch_size", "num_epochs", "num_steps", "steps_per_dispatch", "log_every", "sample_every",
    "checkpoint_every", "keep_latest", "keep_every", "model.latent_size", "model.width",
  ]  # fmt: skip
  values = dict(_fields(config))
  for field in positive:
    value = values[f"config.{field}"]
    if value is not None and value < 1:
      yield f"config.{field}: {value} is below 1."
  if not 0 <= config.seed < 2**31:
    yield f"config.seed: {config.seed} is outside 0 to 2**31 - 1."
  if config.batch_size >= 1 and config.batch_size % num_devices:
    nearest = max(num_devices, round(config.batch_size / num_devices) * num_devices)
    yield (
      f"config.batch_size: {config.batch_size} does not divide over {num_devices} devices. "
      f"The nearest that does: {nearest}."
    )
  if config.model.name not in build.NAMES:
    yield f"config.model.name: {config.model.name!r} is not one of {', '.join(build.NAMES)}."
  if not (math.isfinite(config.optimizer.learning_rate) and config.optimizer.learning_rate > 0):
    yield f"config.optimizer.learning_rate: {config.optimizer.learning_rate} is not above 0."
  decays = {"optimizer.b1": config.optimizer.b1, "optimizer.b2": config.optimizer.b2}
  for field, value in (decays | {"ema_decay": config.ema_decay}).items():
    if not 0 <= value < 1:
      yield f"config.{field}: {value} is outside 0 to 1 (1 excluded)."


def make_configs_importable(path: str) -> None:
  """Lets a config file say `from configs import default`, wherever it lies.

  `configs` is the file's own folder where that has a default.py, else the one that comes with the
  package.
  """
  own = pathlib.Path(path).absolute().parent
  package = types.ModuleType("configs")
  package.__path__ = [str(own if (own / "default.py").is_file() else _configs())]
  sys.modules["configs"] = package
