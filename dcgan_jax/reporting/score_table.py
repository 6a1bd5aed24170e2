"""The rows of evaluation.jsonl as tables, newest checkpoint first."""

from collections.abc import Sequence
from typing import NamedTuple

from dcgan_jax.evaluation.reading import reading
from dcgan_jax.evaluation.table import floor_lines
from dcgan_jax.reporting.chart import number
from dcgan_jax.reporting.curves import protocol, value_of
from dcgan_jax.reporting.run_files import Row

_WEIGHTS = {"raw": "raw weights", "ema": "averaged weights"}


class Line(NamedTuple):
  """One score."""

  metric: str  # with its protocol
  value: str
  error: str  # '' for none
  reading: str  # what it says, in a sentence
  note: str  # what the job noted
  floors: list[str]


class ScoreTable(NamedTuple):
  """The scores of one checkpoint's weights."""

  title: str
  step: int
  lines: list[Line]


def score_tables(rows: Sequence[Row]) -> list[ScoreTable]:
  """A table for each checkpoint and kind of weights; of a score taken again the last one stays."""
  found: dict[tuple[int, str], dict[str, Row]] = {}
  for row in rows:
    step, kind = row["subject"].get("step"), row["subject"].get("generator")
    if isinstance(step, int) and isinstance(kind, str):
      found.setdefault((step, kind), {})[protocol(row)] = row
  return [
    ScoreTable(
      f"Step {step:,}, {_WEIGHTS.get(kind, kind)}",
      step,
      [_line(name, row) for name, row in lines.items()],
    )
    for (step, kind), lines in sorted(found.items(), reverse=True)
  ]


def _line(name: str, row: Row) -> Line:
  value, error = value_of(row, "value"), value_of(row, "error")
  try:
    floors = floor_lines(row["details"])
  # Of a file that somebody has changed.
  except (TypeError, LookupError, ValueError, AttributeError, ArithmeticError):
    floors = []
  return Line(
    name,
    "–" if value is None else number(value),
    "" if error is None else f"± {number(error)}",
    reading(row),
    row["note"],
    [" ".join(line.split()) for line in floors],
  )
