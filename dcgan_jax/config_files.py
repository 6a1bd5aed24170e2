"""Where the config files are. Light to import: the command line needs it before jax is loaded."""

import importlib.util
import pathlib
import sys
import types
from collections.abc import Mapping
from typing import Any

from ml_collections import ConfigDict


def reference() -> ConfigDict:
  """The config of configs/default.py: the fields there are, and their types."""
  path = _folder() / "default.py"
  spec = importlib.util.spec_from_file_location("dcgan_jax_default_config", path)
  assert spec is not None
  assert spec.loader is not None
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module.get_config()


def flat(config: Mapping[str, Any], above: str = "") -> dict[str, Any]:
  """The fields of a config by their full names, such as data.name; empty branches have none."""
  fields: dict[str, Any] = {}
  for name, value in config.items():
    inside = isinstance(value, Mapping)
    fields |= flat(value, f"{above}{name}.") if inside else {above + name: value}
  return fields


def make_configs_importable(path: str) -> None:
  """Lets a config file say `from configs import default`, wherever it lies.

  `configs` is the file's own folder where that has a default.py, else the one that comes with the
  package.
  """
  own = pathlib.Path(path).absolute().parent
  package = types.ModuleType("configs")
  package.__path__ = [str(own if (own / "default.py").is_file() else _folder())]
  sys.modules["configs"] = package


def _folder() -> pathlib.Path:
  # In a checkout configs/ lies beside the package, in a wheel inside it.
  here = pathlib.Path(__file__).parent
  return next(p for p in (here / "configs", here.parent / "configs") if p.is_dir())
