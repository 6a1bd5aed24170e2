"""Scores as a table for people."""

import textwrap
from collections.abc import Sequence
from typing import Any

_NOTE_WIDTH = 66
_KINDS = {
  "subjects": "other people's photographs",
  "disjoint": "other images of the set",
  "copier": "a copier of the training set",
}


def table(rows: Sequence[dict[str, Any]]) -> str:
  """Lines of metric, value, error and what to know of it.

  Args:
    rows: with the fields of `protocol.Score`.
  """
  names = [row["metric"] for row in rows]
  values = [_number(row["value"]) for row in rows]
  errors = ["" if row["error"] is None else f"± {_number(row['error'])}" for row in rows]
  widths = [max(map(len, column), default=0) for column in (names, values, errors)]
  lines = []
  for row, name, value, error in zip(rows, names, values, errors, strict=True):
    head = f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {error:<{widths[2]}}"
    notes = [*floor_lines(row["details"]), *textwrap.wrap(row["note"], _NOTE_WIDTH)]
    for note in notes or [""]:
      lines.append(f"{head}  {note}".rstrip())
      head = " " * len(head)
  return "\n".join(lines)


def floor_table(floors: Sequence[dict[str, Any]]) -> str:
  """The floors alone, one a line."""
  return "\n".join(f"  {line}" for line in floor_lines({"floors": floors}))


def floor_lines(details: dict[str, Any]) -> list[str]:
  """The floors in a score's details, one a line, numbers aligned."""
  lines = []
  for floor in details.get("floors", []):
    spread = f" ({floor['low']:.3g} to {floor['high']:.3g})" if floor["splits"] > 1 else ""
    lines.append(
      f"{_number(floor['fid']):>6}{spread}: {_what(floor)}, "
      f"{floor['num']:,} against {floor['against']:,} images"
    )
  return lines


def _what(floor: dict[str, Any]) -> str:
  if floor["kind"] == "disjoint" and abs(floor["num"] - floor["against"]) <= 1:
    return "random halves"
  return floor["other"] if floor["kind"] == "held out" else _KINDS[floor["kind"]]


def _number(value: float | None) -> str:
  if value is None:
    return "-"
  return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
