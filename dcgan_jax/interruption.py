"""SIGTERM and SIGINT ask the loop to save and stop; a second one stops at once."""

import signal
from types import FrameType
from typing import Any, Self


class Interruption:
  """While active, remembers that the process was asked to stop.

  Preemptible machines and schedulers send SIGTERM, a terminal's Ctrl-C SIGINT.
  """

  def __init__(self) -> None:
    self.requested: signal.Signals | None = None
    self._previous: dict[signal.Signals, Any] = {}

  def __enter__(self) -> Self:
    """Installs the handlers."""
    for number in (signal.SIGTERM, signal.SIGINT):
      self._previous[number] = signal.signal(number, self._handle)
    return self

  def __exit__(self, *exception: object) -> None:
    """Puts the previous handlers back."""
    self._restore()

  def due(self) -> signal.Signals | None:
    """The signal for which to save and stop now, after a dispatch; None to go on."""
    return self.requested

  def _handle(self, number: int, frame: FrameType | None) -> None:
    del frame
    self.requested = signal.Signals(number)
    self._restore()

  def _restore(self) -> None:
    for number, handler in self._previous.items():
      signal.signal(number, handler)
    self._previous = {}
