"""When a run stops to log or to save: its updates, cut into dispatches."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple


class Dispatch(NamedTuple):
  """Consecutive updates done in one call into the device."""

  start: int  # completed updates before it
  steps: int  # updates in it


def schedule(start: int, stop: int, longest: int, intervals: Sequence[int]) -> list[Dispatch]:
  """Cuts the updates start … stop - 1 into dispatches.

  A dispatch ends at every multiple of an interval (something is logged or saved there), and
  otherwise at multiples of `longest`, so that the cuts do not depend on where a run was resumed.
  """
  ends = {stop}
  for interval in (longest, *intervals):
    ends.update(range((start // interval + 1) * interval, stop, interval))
  cuts = [start, *sorted(ends)]
  return [Dispatch(a, b - a) for a, b in itertools.pairwise(cuts) if b > a]
