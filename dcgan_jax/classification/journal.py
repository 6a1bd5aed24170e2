"""What a training in a workdir says and saves on its way."""

import pathlib

from dcgan_jax.averages import Averages
from dcgan_jax.checkpoints import Checkpoints, Record
from dcgan_jax.classification.training import REPORT_EVERY, Reached, in_short
from dcgan_jax.progress import Progress
from dcgan_jax.tracking import JsonLines


class Journal:
  """Watches the loop: every REPORT_EVERY updates a line of metrics.jsonl and a checkpoint."""

  def __init__(
    self,
    workdir: pathlib.Path,
    checkpoints: Checkpoints,
    record: Record,
    start: int,
    stop: int,
  ):
    """Opens the workdir's files.

    Args:
      workdir: an existing folder.
      checkpoints: of the workdir; the caller closes them.
      record: to store in each checkpoint.
      start: the step the training starts or resumes from.
      stop: the step at which it is finished.
    """
    self._checkpoints, self._record, self._stop = checkpoints, record, stop
    self._lines = JsonLines(workdir / "metrics.jsonl", resumed_at=start)
    self._progress = Progress(start, stop, record["config"]["batch_size"])
    self._averages = Averages(start)
    self._saved = start

  def after(self, reached: Reached) -> None:
    """Notes a dispatch, and does whatever is due at the step it reached.

    Raises:
      DivergedError: a metric is not finite when it is due; nothing is saved.
    """
    self._averages.add(reached.updates, reached.metrics)
    self._progress.advance(reached.updates)
    if reached.step % REPORT_EVERY == 0 or reached.step == self._stop:
      self.save(reached)
      metrics = self._averages.take()
      speed = self._progress.measure(reached.step)
      self._lines.write({"step": reached.step, **metrics, "images_per_second": speed})
      self._progress.report(reached.step, in_short(metrics), speed)

  def save(self, reached: Reached) -> None:
    """Saves a checkpoint, unless this step has one already.

    Raises:
      DivergedError: a metric is not finite.
    """
    if reached.step != self._saved:
      self._averages.read()
      self._checkpoints.save(reached.step, reached.state, self._record)
      self._saved = reached.step

  def say(self, text: str) -> None:
    """Prints a line among the progress."""
    self._progress.say(text)

  def close(self) -> None:
    """Waits for what is being written, and ends the progress bar."""
    self._progress.close()
    self._checkpoints.wait()
