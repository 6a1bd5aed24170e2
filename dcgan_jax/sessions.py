"""run.json: each start of a run's training, and on what; for whoever looks at the run later."""

import datetime
import os
import pathlib
import platform
import shlex
import sys
from typing import Any

import jax

from dcgan_jax.checkpoints import Record
from dcgan_jax.files import read_json, write_json

NAME = "run.json"

_MOST_SESSIONS = 200  # a run on spot machines has dozens


def note_session(workdir: pathlib.Path, record: Record, start: int, stop: int) -> None:
  """Adds a start of the training to run.json, which is made where it is missing or damaged.

  The file has "total_steps", "data" (as in the checkpoints' record) and "sessions", of which each
  has when it began (ISO 8601, UTC), from which step, every how many it logs, the command, devices,
  processes, processor, cores and versions.

  Args:
    workdir: the run's folder.
    record: what this session's checkpoints hold.
    start: the step it starts from.
    stop: the step at which the run is finished.

  Raises:
    OSError: it cannot be written.
  """
  devices = jax.devices()
  session = {
    "began": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    "step": start,
    "log_every": record["config"]["log_every"],
    "command": this_command(sys.orig_argv),
    "platform": devices[0].platform,
    "devices": f"{len(devices)} × {devices[0].device_kind}",
    "processes": jax.process_count(),
    "processor": _processor(),
    "cores": os.cpu_count(),
    "versions": record["versions"],
  }
  sessions = [*_sessions(workdir), session][-_MOST_SESSIONS:]
  write_json(workdir / NAME, {"total_steps": stop, "data": record["data"], "sessions": sessions})


def this_command(argv: list[str]) -> str | None:
  """What was typed, to be typed again; None where a program of another kind trains.

  Args:
    argv: as in sys.orig_argv.
  """
  if "-m" not in argv or "dcgan_jax.main" not in argv:
    return None
  return shlex.join(["python", *argv[argv.index("-m") :]])


def listed(content: dict[str, Any]) -> list[dict[str, Any]]:
  """The sessions that a run.json names, without what no training has written.

  Args:
    content: of the file.
  """
  sessions = content.get("sessions")
  return [one for one in sessions if _is_session(one)] if isinstance(sessions, list) else []


def _is_session(one: object) -> bool:
  """Whether it is an object of plain values, some of them in one object more: the versions."""
  if not isinstance(one, dict):
    return False
  inside = [inner for value in one.values() if isinstance(value, dict) for inner in value.values()]
  plain = [value for value in one.values() if not isinstance(value, dict)]
  return not any(isinstance(value, dict | list) for value in plain + inside)


def _sessions(workdir: pathlib.Path) -> list[dict[str, Any]]:
  try:
    return listed(read_json(workdir / NAME))
  except (OSError, ValueError):
    return []


def _processor() -> str:
  """The processor's name, where the system tells it."""
  try:
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
  except OSError:
    lines = []
  named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
  return next(named, platform.processor() or platform.machine())
