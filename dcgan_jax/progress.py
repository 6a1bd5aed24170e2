"""How far a training is: a bar on a terminal, plain lines elsewhere; both with the time left."""

import sys
import time

from tqdm import tqdm


class Progress:
  """Shows the way of a training, and what it says at its log points."""

  def __init__(self, start: int, stop: int, batch_size: int):
    """Shows the way from step `start` to step `stop`."""
    self._stop, self._batch_size = stop, batch_size
    self._measured, self._measured_at = start, time.monotonic()
    self._bar = tqdm(
      total=stop * batch_size,
      initial=start * batch_size,
      unit=" images",
      unit_scale=True,
      disable=None,  # unless on a terminal
      dynamic_ncols=True,
      postfix="compiling",  # what the first update waits for
    )
    self._compiling = True

  def advance(self, count: int) -> None:
    """Notes `count` more updates."""
    if self._compiling:
      self._bar.set_postfix_str("", refresh=False)
      self._compiling = False
    self._bar.update(count * self._batch_size)

  def measure(self, step: int) -> float:
    """Images a second since the last measurement; `step` is the number of updates completed."""
    now = time.monotonic()
    images = (step - self._measured) * self._batch_size
    speed = images / max(now - self._measured_at, 1e-9)
    self._measured, self._measured_at = step, now
    return speed

  def report(self, step: int, text: str, images_per_second: float) -> None:
    """Shows what the training says at a step."""
    if not self._bar.disable:
      self._bar.set_postfix_str(text)
      return
    seconds = (self._stop - step) * self._batch_size / max(images_per_second, 1e-9)
    left = tqdm.format_interval(seconds)
    self.say(f"step {step}/{self._stop}  {text}  {images_per_second:.1f} images/s  {left} left")

  def say(self, text: str) -> None:
    """Prints a line without breaking the bar."""
    tqdm.write(text, file=sys.stderr)
    sys.stderr.flush()

  def close(self) -> None:
    """Ends the bar."""
    self._bar.close()
