"""What a score says to somebody who does not know the metric, in a sentence or two."""

import math
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

_FLOORS = {
  "subjects": "photographs of other people",
  "disjoint": "other real photographs",
  "held out": "real photographs that were held out",
}
_NO_COPY, _COPY = 0.85, 0.5  # of a memorization ratio
_MANY_COPIES = 0.02  # of the samples


def reading(row: Row) -> str:
  """Says what a score means; '' where there is nothing to add to its note.

  Args:
    row: of evaluation.jsonl.
  """
  value, details = row["value"], row["details"]
  known = isinstance(value, int | float) and not isinstance(value, bool)
  if not known or not abs(value) < math.inf:
    return ""
  metric = str(row["metric"])
  found = [name for name in _SENTENCES if metric.startswith(name) and "/" not in metric]
  if not found:
    return ""
  sentence = _SENTENCES[max(found, key=len)]  # of fid_infinity10k it is not fid's
  try:
    score = float(value)
    return sentence.format(score) if isinstance(sentence, str) else sentence(score, details)
  except (TypeError, KeyError, AttributeError, OverflowError):  # whoever changed the file
    return ""


def _fid(value: float, details: dict[str, Any]) -> str:
  floors = details.get("floors")
  for floor in floors if isinstance(floors, list) else []:
    whose, fid = _FLOORS.get(floor["kind"]), floor["fid"]
    if not whose or not 0 < fid < math.inf:
      continue
    if value < fid:
      return f"Below what {whose} score ({fid:.3g}), which quality alone does not explain."
    return f"{value / fid:.1f} times what {whose} score ({fid:.3g}). Lower is better."
  return "Lower is better; what real photographs would score is not known here."


def _memorization(value: float, details: dict[str, Any]) -> str:
  copies, neutral = details.get("share_copies", 0.0), details.get("neutral_copies", 0.0)
  distance = f"samples lie {value:.2f} times as far from the training images as fresh photographs"
  if value < _COPY:
    return f"Copies: {distance}."
  if value < _NO_COPY:
    return f"Closer than they should be: {distance}. Look at the closest pairs."
  if copies > _MANY_COPIES and copies > 2 * neutral:
    return (
      f"Some may be copies: {copies:.0%} of the samples lie as close to a training image as "
      f"{neutral:.0%} of fresh photographs do. Look at the closest pairs."
    )
  return f"No sign of copying: {distance}."


_Reader = Callable[[float, dict[str, Any]], str]

# By metric; a sentence may have the score in it.
_SENTENCES: dict[str, str | _Reader] = {
  "fid": _fid,
  "fid_infinity": (
    "FID as it would be with endless samples: comparable where the numbers of samples differ."
  ),
  "kid": "Lower is better; 0 where samples and photographs cannot be told apart.",
  "is": "Higher is better, from 1. Its classes are ImageNet's things: of faces it says little.",
  "precision": "{:.0%} of the samples look like some photograph: how good they are.",
  "recall": "{:.0%} of the photographs have samples like them: how varied these are.",
  "density": "As precision, but counts how crowded it is there: around 1 for real photographs.",
  "coverage": ("{:.0%} of the photographs have a sample among their neighbours: higher is better."),
  "memorization": _memorization,
  "swd": "Differences in texture, by size of detail: lower is better.",
  "expression_accuracy": (
    "A classifier of real faces sees what was asked for in {:.0%} of the samples."
  ),
  "expression_balanced": "The same, each expression counting alike: {:.0%}.",
  "cas": "A classifier that has seen nothing but samples is right on {:.0%} of real faces.",
}
