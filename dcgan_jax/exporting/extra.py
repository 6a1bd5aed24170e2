"""Packages that only exports need, and that may not be installed."""

import importlib
from typing import Any

from dcgan_jax.errors import UserError


def needed(name: str) -> Any:
  """A module of the extra "export".

  Raises:
    UserError: its package is not installed.
  """
  try:
    return importlib.import_module(name)
  except ImportError as error:
    raise UserError(
      f"this format needs {name.partition('.')[0]}, which is not installed.\n"
      'Install it:  pip install ".[export]"'
    ) from error
