"""What a compiled program says of itself: its collectives, its talk with the host, its copies."""

import re
from typing import NamedTuple

_BYTES = {
  "pred": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "bf16": 2, "f16": 2, "s32": 4, "u32": 4,
  "f32": 4, "s64": 8, "u64": 8, "f64": 8,
}  # fmt: skip

_ARRAY = re.compile(r"\b([a-z]+[0-9]*)\[([0-9,]*)\]")
_REDUCTION = re.compile(r"= (?P<result>.*?) all-reduce(?:-start)?\(")
_TO_HOST = re.compile(r"\b(infeed|outfeed|send|recv|send-done|recv-done)\(|MoveToHost|MoveToDevice")


class Reduction(NamedTuple):
  """One all-reduce of a program."""

  arrays: int
  num_bytes: int
  largest: int  # bytes of its largest array


def reductions(text: str) -> list[Reduction]:
  """The all-reduces of a compiled module, in the order of its text.

  Args:
    text: of `compiled.as_text()`.
  """
  found = []
  for line in text.splitlines():
    match = _REDUCTION.search(line)
    if match:
      sizes = [_size(*array) for array in _ARRAY.findall(match["result"])]
      found.append(Reduction(len(sizes), sum(sizes), max(sizes)))
  return found


def transfers(text: str) -> list[str]:
  """The instructions that reach for the host, of a compiled module's text."""
  return [line.strip() for line in text.splitlines() if _TO_HOST.search(line)]


def copies(text: str, size: int) -> list[str]:
  """The copies and transposes of arrays of `size` bytes or more, of a compiled module's text."""
  found = []
  for line in text.splitlines():
    match = re.search(r"= (\S+) (?:copy|copy-start|transpose)\(", line)
    if match and any(_size(*array) >= size for array in _ARRAY.findall(match[1])):
      found.append(line.strip())
  return found


def _size(dtype: str, shape: str) -> int:
  count = 1
  for side in filter(None, shape.split(",")):
    count *= int(side)
  return count * _BYTES.get(dtype, 0)
