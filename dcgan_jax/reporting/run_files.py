"""What a run has left in its workdir, read by somebody who trusts none of it.

Whatever is missing or damaged is left out, and said to be.
"""

import itertools
import os
import pathlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dcgan_jax import sessions
from dcgan_jax.checkpoint_files import METADATA
from dcgan_jax.errors import printable
from dcgan_jax.evaluation.results import NEEDED
from dcgan_jax.files import json_rows, read_json
from dcgan_jax.workdir_lock import is_locked

Row = dict[str, Any]

_PICTURE = re.compile(r"([0-9]{8,})(.*)\.png")
_CHECKPOINT = re.compile(r"0|[1-9][0-9]*")
_KINDS = ("", "_ema")  # of weights, as the names of pictures end
_MOST_NAMED = 5
_MOST = 10**12  # steps or images: more than any run has
_DEEPEST = 8  # lists and objects in one another; a score's details have four


@dataclass
class RunFiles:
  """A run as its files tell it.

  Attributes:
    workdir: its folder.
    name: what it is called on a page.
    config: the fields of its config; {} where it is not known.
    run: of run.json; {} likewise.
    metrics: the scalars of each log point, in step order.
    scores: rows of evaluation.jsonl, oldest first.
    samples: pictures by kind of weights, "" raw and "_ema" averaged: (step, file) in step order.
    pairs: pictures of the samples closest to training images: (step, file's description, file).
    checkpoints: their steps.
    ended: "finished", "diverged", or None.
    ended_at: the step that its mark names, 0 for none.
    training: whether a process trains there at this moment.
    missing: what is missing or damaged, a sentence each.
  """

  workdir: pathlib.Path
  name: str
  config: dict[str, Any] = field(default_factory=dict)
  run: dict[str, Any] = field(default_factory=dict)
  metrics: list[Row] = field(default_factory=list)
  scores: list[Row] = field(default_factory=list)
  samples: dict[str, list[tuple[int, pathlib.Path]]] = field(default_factory=dict)
  pairs: list[tuple[int, str, pathlib.Path]] = field(default_factory=list)
  checkpoints: list[int] = field(default_factory=list)
  ended: str | None = None
  ended_at: int = 0
  training: bool = False
  missing: list[str] = field(default_factory=list)

  @property
  def step(self) -> int:
    """Completed updates, as far as files tell."""
    logged = [row["step"] for row in self.metrics[-1:]]
    return max([self.ended_at, *logged, *self.checkpoints[-1:]])

  @property
  def batch_size(self) -> int | None:
    """Images of an update; None where that is not known."""
    return count(self.config.get("batch_size")) or None


def count(value: object) -> int | None:
  """A number of steps or images; None for whatever else a file has in its place."""
  if not isinstance(value, int) or isinstance(value, bool):
    return None
  return value if 0 <= value <= _MOST else None


def read_run(workdir: pathlib.Path, name: str | None = None) -> RunFiles:
  """Reads a workdir, whatever state it is in; one that is not there has nothing in it.

  Args:
    workdir: the folder.
    name: what to call the run; default the folder's name.
  """
  run = RunFiles(workdir, printable(name or workdir.absolute().name))
  run.config = _read_object(run, "config.json", "what was run is not known")
  run.run = _checked(
    _read_object(run, sessions.NAME, "where it ran, and how far it is to go, is not known")
  )
  # Before the scalars: those of a run that goes on reach as far as its checkpoints then.
  run.checkpoints = _checkpoints(workdir / "checkpoints")
  rows = _read_rows(run, "metrics.jsonl", lambda row: count(row.get("step")) is not None)
  last_of_each = {row["step"]: row for row in rows}
  run.metrics = [last_of_each[step] for step in sorted(last_of_each)]
  if not run.metrics and not any(line.startswith("metrics.jsonl") for line in run.missing):
    run.missing.append("metrics.jsonl has no lines yet.")
  _note_gaps(run)
  if os.path.exists(workdir / "evaluation.jsonl"):
    run.scores = _read_rows(run, "evaluation.jsonl", _is_score)
  for step, suffix, path in _pictures(workdir / "samples"):
    if suffix in _KINDS:
      run.samples.setdefault(suffix, []).append((step, path))
  if not run.samples:
    run.missing.append("samples/: no pictures yet.")
  run.pairs = [
    (step, suffix.strip("_").replace("_", " "), path)
    for step, suffix, path in _pictures(workdir / "evaluation")
    if "memorization" in suffix
  ]
  if not run.checkpoints:
    run.missing.append("checkpoints/: none yet, so nothing to resume, sample or score.")
  ends = (name for name in ("finished", "diverged") if os.path.exists(workdir / f"{name}.json"))
  if ended := next(ends, None):
    mark = _read_object(run, f"{ended}.json", "at which step is not known")
    run.ended, run.ended_at = ended, count(mark.get("step")) or 0
  run.training = is_locked(workdir)
  return run


def _read_object(run: RunFiles, name: str, loss: str) -> dict[str, Any]:
  try:
    content = read_json(run.workdir / name)
    if _is_shallow(content):
      return content
    run.missing.append(f"{name} cannot be read (too many lists in lists): {loss}.")
  except FileNotFoundError:
    run.missing.append(f"{name} is missing: {loss}.")
  except (OSError, ValueError) as error:
    run.missing.append(f"{name} cannot be read ({_reason(error)}): {loss}.")
  return {}


def _checked(content: dict[str, Any]) -> dict[str, Any]:
  """The content of run.json, without what is of another type than a training writes."""
  data = content.get("data")
  return content | {
    "data": data if isinstance(data, dict) else {},
    "sessions": sessions.listed(content),
  }


def _read_rows(run: RunFiles, name: str, is_sound: Callable[[Row], bool]) -> list[Row]:
  rows: list[Row] = []
  damaged = 0
  try:
    for row in json_rows(run.workdir / name):
      if row is not None and is_sound(row):
        rows.append(row)
      else:
        damaged += 1
  except FileNotFoundError:
    run.missing.append(f"{name} is missing: the curves have no points.")
  except OSError as error:
    run.missing.append(f"{name} cannot be read ({_reason(error)}).")
  if damaged:
    whole = damaged + len(rows)
    run.missing.append(f"{name}: {damaged:,} of {whole:,} lines are damaged, and left out.")
  return rows


def _note_gaps(run: RunFiles) -> None:
  """Log points come at equal distances, so that lines which were lost can be seen."""
  # It may have been changed in mid-run.
  said = [run.config, *run.run.get("sessions", [])]
  every = max((count(one.get("log_every")) or 0 for one in said), default=0)
  if not every or not run.metrics:
    return
  steps = [0, *(row["step"] for row in run.metrics)]
  gaps = [(a, b) for a, b in itertools.pairwise(steps) if b - a > every]
  newest = max(run.checkpoints, default=0)
  if newest - steps[-1] >= every:
    gaps.append((steps[-1], newest))
  if not gaps:
    return
  named = ", ".join(f"{a:,} to {b:,}" for a, b in gaps[:_MOST_NAMED])
  more = f" and {len(gaps) - _MOST_NAMED} more" if len(gaps) > _MOST_NAMED else ""
  run.missing.append(f"metrics.jsonl has no lines from step {named}{more}.")


def _pictures(folder: pathlib.Path) -> list[tuple[int, str, pathlib.Path]]:
  """(step, what follows it in the name, file), in the order of steps."""
  found = ((_PICTURE.fullmatch(name), folder / name) for name in _names(folder))
  pictures = [(int(match[1]), match[2], path) for match, path in found if match]
  return sorted(one for one in pictures if count(one[0]) is not None)


def _checkpoints(folder: pathlib.Path) -> list[int]:
  """The steps of those that are whole, as far as their names and one file tell; oldest first."""
  whole = (
    int(name)
    for name in _names(folder)
    if _CHECKPOINT.fullmatch(name) and os.path.isfile(folder / name / METADATA)
  )
  return sorted(step for step in whole if count(step) is not None)


def _names(folder: pathlib.Path) -> list[str]:
  try:
    return os.listdir(folder)
  except OSError:
    return []


def _is_score(row: Row) -> bool:
  """Whether it has what a job writes, and what the page reads of it is of that type."""
  if not row.keys() >= NEEDED or not _is_shallow(row):
    return False
  subject, request = row["subject"], row["request"]
  return (
    all(isinstance(row[name], str) for name in ("metric", "note"))
    and all(isinstance(part, dict) for part in (subject, request, row["details"]))
    and all(row[name] is None or isinstance(row[name], int | float) for name in ("value", "error"))
    and (subject.get("step") is None or count(subject["step"]) is not None)
  )


def _is_shallow(value: Any) -> bool:
  """Whether whoever walks through it by recursion comes back."""
  level = [value]
  for _ in range(_DEEPEST):
    insides = (one.values() if isinstance(one, dict) else one for one in level if _has_inside(one))
    level = [inner for inside in insides for inner in inside]
  return not any(map(_has_inside, level))


def _has_inside(value: Any) -> bool:
  return isinstance(value, dict | list)


def _reason(error: Exception) -> str:
  return getattr(error, "strerror", None) or str(error).partition(":")[0]
