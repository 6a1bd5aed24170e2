"""The environment's settings that concern this package: no other variable is looked at or shown."""

import os
from collections.abc import Iterator

from dcgan_jax.checkup.finding import Finding, absent, good, wrong

_OWN, _PLATFORMS = "DCGAN_JAX_", "JAX_PLATFORMS"
_KNOWN = {f"{_OWN}{name}" for name in ("DATA", "REFERENCES", "WEIGHTS")}


def findings(data_dir: str | None) -> Iterator[Finding]:
  """Those that are set, and those that are misspelt."""
  del data_dir  # a flag, not a setting
  names = [name for name in sorted(os.environ) if name.startswith(_OWN) or name == _PLATFORMS]
  known = ", ".join((_PLATFORMS, *sorted(_KNOWN)))
  if not names:
    yield absent("environment", f"none of {known} is set")
  for name in names:
    if name in (_PLATFORMS, *_KNOWN):
      yield good(name, os.environ[name] or "set, to nothing")
    else:
      yield wrong(name, f"nothing reads it; there are {known}", f"unset {name}")
