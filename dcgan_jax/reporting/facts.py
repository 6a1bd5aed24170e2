"""What was run: the config's fields, the data, and the machines, as rows for people to read."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from dcgan_jax.config_files import flat, reference
from dcgan_jax.reporting.run_files import RunFiles, count

Rows = list[tuple[str, str]]

_MACHINE = ("devices", "processes", "processor", "cores")


def changed(config: Mapping[str, Any]) -> Rows:
  """The fields that differ from configs/default.py, each with both values."""
  usual = flat(reference().to_dict())
  return [
    (name, f"{text(value)} (default {text(usual[name])})" if name in usual else text(value))
    for name, value in flat(config).items()
    if name not in usual or value != usual[name]
  ]


def data_facts(run: RunFiles) -> Rows:
  """What the run has been trained on."""
  named, data = run.config.get("data"), run.run.get("data", {})
  rows = []
  if isinstance(named, dict):
    what = f"{named.get('name')}/{named.get('split')}"
    rows.append(("set", f"{what}, {named['expression']}" if named.get("expression") else what))
  if (examples := count(data.get("num_examples"))) is not None:
    rows.append(("images", f"{examples:,}"))
  if isinstance(shape := data.get("image_shape"), list):
    rows.append(("each", "×".join(map(str, shape)) + " pixels and channels"))
  names, counts = data.get("class_names"), data.get("class_counts")
  if isinstance(names, list) and isinstance(counts, list) and names:
    each = zip(map(str, names), counts, strict=False)
    rows.append(("classes", ", ".join(f"{name} {text(count)}" for name, count in each)))
  if "fingerprint" in data:
    rows.append(("fingerprint", text(data["fingerprint"])))
  return rows


def sessions(run: RunFiles) -> list[Rows]:
  """Each start of the training, oldest first."""
  return [_session(one) for one in run.run.get("sessions", [])]


def versions(run: RunFiles) -> Rows:
  """The packages of the last session."""
  found = run.run.get("sessions", [{}])[-1:]
  named = found[0].get("versions") if found else None
  return [(str(k), text(v)) for k, v in named.items()] if isinstance(named, dict) else []


def commands(run: RunFiles) -> Rows:
  """What to type to go on with the run."""
  workdir = shlex.quote(f"--workdir={run.workdir}")
  typed = [one.get("command") for one in run.run.get("sessions", [])]
  resume = next((command for command in reversed(typed) if isinstance(command, str)), None)
  return [
    ("Resume", resume or f"python -m dcgan_jax.main --config=… {workdir}"),
    ("Sample", f"python -m dcgan_jax.sample {workdir} --ema --out=grid.png"),
    ("Evaluate", f"python -m dcgan_jax.evaluate {workdir} --ema"),
    ("Play in the browser", f"python -m dcgan_jax.demo {workdir} --ema"),
    ("Export", f"python -m dcgan_jax.export {workdir} --ema --format=onnx"),
    ("This page anew", f"python -m dcgan_jax.report {shlex.quote(str(run.workdir))}"),
  ]


def _session(session: Mapping[str, Any]) -> Rows:
  rows = [("began", text(session.get("began"))), ("at step", text(session.get("step")))]
  rows += [(name, text(session[name])) for name in _MACHINE if name in session]
  return [*rows, ("command", text(session.get("command") or "a program's own"))]


def text(value: Any) -> str:
  """A field's value for people."""
  if isinstance(value, int) and not isinstance(value, bool):
    return f"{value:,}"
  if value is None:
    return "none"
  return value if isinstance(value, str) else json.dumps(value)
