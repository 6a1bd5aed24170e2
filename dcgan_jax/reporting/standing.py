"""Where a run stands: how far it is, how fast, and how long it will take."""

import statistics
from typing import NamedTuple

from dcgan_jax.reporting.curves import value_of
from dcgan_jax.reporting.run_files import RunFiles, count

_LAST = 10  # log points that the speed is of
_CENTURY = 3e9  # seconds


class Standing(NamedTuple):
  """How a run stands."""

  kind: str  # "training", "finished", "diverged", or "stopped"
  step: int  # completed updates
  total: int | None  # where it ends; None where that is not known
  images: int | None  # real images seen so far
  epochs: float | None  # passes over the training set
  speed: float | None  # images/s of late
  seconds_left: float | None  # at that speed; of a run that trains

  @property
  def share(self) -> float | None:
    """How much of the run is done, 0 to 1."""
    return min(1.0, self.step / self.total) if self.total else None


def standing(run: RunFiles, training: bool | None = None) -> Standing:
  """Works it out from the files.

  Args:
    run: what they hold.
    training: whether it trains, for who knows better; default what the lock says.
  """
  training = run.training if training is None else training
  batch, total = run.batch_size, count(run.run.get("total_steps")) or None
  images = run.step * batch if batch else None
  examples = count(run.run.get("data", {}).get("num_examples"))
  speeds = [value_of(row, "images_per_second") for row in run.metrics[-_LAST:]]
  positive = [speed for speed in speeds if speed and speed > 0]
  speed = statistics.harmonic_mean(positive) if positive else None
  left = None
  if training and speed and batch and total:
    left = max(0.0, (total - run.step) * batch / speed)
  return Standing(
    run.ended or ("training" if training else "stopped"),
    run.step,
    total,
    images,
    images / examples if images is not None and examples else None,
    speed,
    left if left is not None and left < _CENTURY else None,
  )
