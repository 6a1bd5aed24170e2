"""A training's metrics between two log points, left on the device until they are asked for."""

import math
from collections.abc import Mapping

import jax
import numpy as np


class DivergedError(ArithmeticError):
  """A metric stopped being finite; the message names it and the steps."""


class Averages:
  """Collects the metrics of dispatches, and averages them over their updates."""

  def __init__(self, start: int):
    """Begins after step `start`."""
    self._reached = self._finite_until = start
    self._pending: list[tuple[int, Mapping[str, jax.Array]]] = []

  def add(self, updates: int, metrics: Mapping[str, jax.Array]) -> None:
    """Notes the means of one dispatch of so many updates.

    It waits for the dispatch before this one, so that one stays in flight: the device never waits,
    and the loop never runs far ahead.
    """
    if self._pending:
      jax.block_until_ready(self._pending[-1])
    self._pending.append((updates, metrics))
    self._reached += updates

  def read(self) -> dict[str, float]:
    """The means so far, {} where there is nothing to average.

    Raises:
      DivergedError: a metric is not finite.
    """
    if not self._pending:
      return {}
    counts = [updates for updates, _ in self._pending]
    values = jax.device_get([metrics for _, metrics in self._pending])
    means = {
      name: float(np.average([value[name] for value in values], weights=counts))
      for name in sorted(values[0])
    }
    broken = [name for name, value in means.items() if not math.isfinite(value)]
    if broken:
      raise DivergedError(
        f"{', '.join(broken)} stopped being finite between steps {self._finite_until} and "
        f"{self._reached}."
      )
    self._finite_until = self._reached
    return means

  def take(self) -> dict[str, float]:
    """The same, and begins anew.

    Raises:
      DivergedError: a metric is not finite; then nothing is begun.
    """
    means = self.read()
    self._pending = []
    return means
