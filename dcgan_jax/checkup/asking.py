"""Asks jax for its devices in another process: jax may wait without end there, or die."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

from dcgan_jax.errors import UserError

_SECONDS = 60  # a TPU takes some ten
_PROBE = [sys.executable, "-m", "dcgan_jax.checkup.probe"]


def ask_jax() -> tuple[dict[str, Any], str]:
  """What `probe.look` returns, and the last that jax said beside it.

  Raises:
    UserError: jax gave no answer.
  """
  # A GPU's memory is not to be taken from a training that needs it.
  environment = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
  try:
    ran = subprocess.run(
      _PROBE, env=environment, capture_output=True, timeout=_SECONDS, check=False
    )
  except subprocess.TimeoutExpired as error:
    raise UserError(
      f"jax has found no devices within {_SECONDS} s: another process may hold them, or it waits "
      "for other hosts of a pod.\nJAX_PLATFORMS=cpu python -m dcgan_jax.doctor"
    ) from error
  said = (ran.stderr.decode(errors="replace").strip().splitlines() or [""])[-1][:200]
  try:
    answer = json.loads(ran.stdout.splitlines()[-1])
  except (IndexError, ValueError):
    answer = None
  if ran.returncode or not isinstance(answer, dict):
    raise UserError(f"jax cannot be used: {said or _ending(ran.returncode)}\n{SHOW}")
  return answer, said


SHOW = 'python -c "import jax; print(jax.devices())"'  # the whole of what jax says


def _ending(code: int) -> str:
  return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
