"""The metrics of a training between two reports, left on the device until they are asked for."""

import math

import jax
import numpy as np

from dcgan_jax.classification.step import Metrics


class NotFiniteError(ArithmeticError):
  """The loss stopped being finite; the message names the updates."""


class Averages:
  """Collects the metrics of dispatches, and averages them over their updates."""

  def __init__(self, start: int):
    """Begins after update `start`."""
    self._start = start
    self._pending: list[tuple[int, Metrics]] = []

  def add(self, updates: int, metrics: Metrics) -> None:
    """Notes the means of one dispatch of so many updates."""
    self._pending.append((updates, metrics))

  def read(self) -> dict[str, float]:
    """The means so far; at least one dispatch was noted.

    Raises:
      NotFiniteError: the loss is not finite.
    """
    weights = [updates for updates, _ in self._pending]
    values = jax.device_get([metrics for _, metrics in self._pending])
    means = {
      name: float(np.average([value[name] for value in values], weights=weights))
      for name in sorted(values[0])
    }
    if not math.isfinite(means["loss"]):
      last = self._start + sum(weights)
      raise NotFiniteError(
        f"the loss stopped being finite between updates {self._start} and {last}."
      )
    return means

  def take(self) -> dict[str, float]:
    """The same, and begins anew."""
    means = self.read()
    self._start += sum(updates for updates, _ in self._pending)
    self._pending = []
    return means


def in_short(metrics: dict[str, float]) -> str:
  """The averages in a line."""
  return f"loss {metrics['loss']:.3f}, right on augmented training images {metrics['accuracy']:.1%}"
