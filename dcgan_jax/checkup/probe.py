"""Prints what jax finds here as a line of JSON: in a process of its own, which may die of it."""

import json
from typing import Any

from dcgan_jax.errors import UserError
from dcgan_jax.startup import prepare_process


def look() -> dict[str, Any]:
  """The devices that a command of this package would compute on, or why there are none."""
  prepare_process()
  import jax

  from dcgan_jax import parallel

  try:
    parallel.check_devices()
  except UserError as error:
    return {"error": str(error)}
  first = jax.local_devices()[0]
  return {
    "platform": first.platform,
    "kind": first.device_kind,
    "count": jax.local_device_count(),
    "memory": parallel.device_memory(),
  }


if __name__ == "__main__":
  print(json.dumps(look()))
