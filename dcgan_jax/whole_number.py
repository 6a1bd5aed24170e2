"""Numbers on command lines: what several commands read, they read alike."""

import argparse
from collections.abc import Callable


def whole_number(low: int, high: int) -> Callable[[str], int]:
  """A `type` for argparse that takes digits alone: no sign, point, space or underscore.

  Args:
    low: the least that is taken, 0 or more.
    high: the most.
  """

  def parse(text: str) -> int:
    # So many digits may make a number too long for int().
    digits = text.lstrip("0") or "0"
    if not text.isdecimal() or len(digits) > len(str(high)) or not low <= int(digits) <= high:
      raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(digits)

  return parse


seed = whole_number(0, 2**31 - 1)
"""The `type` of --seed."""
