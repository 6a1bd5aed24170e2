"""How far a classifier's training is: a bar on a terminal, plain lines elsewhere."""

import sys
import time

from tqdm import tqdm


class Progress:
  """Shows speed and time left, and the newest loss and accuracy at each report."""

  def __init__(self, start: int, stop: int, batch_size: int):
    """Shows the way from update `start` to update `stop`."""
    self._stop, self._batch_size = stop, batch_size
    self._reported, self._reported_at = start, time.monotonic()
    self._bar = tqdm(
      desc="classifier",
      total=stop * batch_size,
      initial=start * batch_size,
      unit=" images",
      unit_scale=True,
      disable=None,  # unless on a terminal
      dynamic_ncols=True,
    )

  def advance(self, count: int) -> None:
    """Notes `count` more updates."""
    self._bar.update(count * self._batch_size)

  def report(self, step: int, metrics: dict[str, float]) -> None:
    """Shows the mean loss and accuracy since the last report."""
    now = time.monotonic()
    speed = (step - self._reported) * self._batch_size / max(now - self._reported_at, 1e-9)
    self._reported, self._reported_at = step, now
    text = (
      f"loss {metrics['loss']:.3f}, right on augmented training images {metrics['accuracy']:.1%}"
    )
    if not self._bar.disable:
      self._bar.set_postfix_str(text)
      return
    left = tqdm.format_interval((self._stop - step) * self._batch_size / max(speed, 1e-9))
    self.say(f"update {step}/{self._stop}  {text}  {speed:.1f} images/s  {left} left")

  def say(self, text: str) -> None:
    """Prints a line without breaking the bar."""
    tqdm.write(text, file=sys.stderr)
    sys.stderr.flush()

  def close(self) -> None:
    """Ends the bar."""
    self._bar.close()
