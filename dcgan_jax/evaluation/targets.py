"""Which checkpoints are scored: the newest, one, all, or each as it appears."""

import pathlib
import time
from collections.abc import Callable, Iterator

from dcgan_jax.checkpoints import Checkpoints, find_step
from dcgan_jax.ending import has_ended

SECONDS_BETWEEN_LOOKS = 5.0


def list_steps(workdir: pathlib.Path) -> list[int]:
  """The steps of the finished checkpoints there are now, oldest first."""
  if not (workdir / "checkpoints").is_dir():
    return []
  checkpoints = Checkpoints(workdir, read_only=True)
  try:
    return checkpoints.steps()
  finally:
    checkpoints.close()


def one(workdir: pathlib.Path, step: int) -> int:
  """The wanted step.

  Raises:
    UserError: there is no such checkpoint; names those there are.
  """
  checkpoints = Checkpoints(workdir, read_only=True)
  try:
    return find_step(checkpoints, workdir, step)
  finally:
    checkpoints.close()


def follow(
  workdir: pathlib.Path, pause: Callable[[float], None] = time.sleep
) -> Iterator[int | None]:
  """Each checkpoint once, in order, until training is done or has diverged.

  Args:
    workdir: a run's folder; it may not be there yet.
    pause: waits so many seconds; what it raises ends the following.

  Yields:
    A step that has not been yielded before; None each time there is nothing new.
  """
  seen: set[int] = set()
  while True:
    # The mark is written after the last checkpoint: read first, it cannot hide one.
    ended = has_ended(workdir)
    fresh = [step for step in list_steps(workdir) if step not in seen]
    for step in fresh:
      seen.add(step)
      yield step
    if ended and not fresh:
      return
    if not fresh:
      yield None
      pause(SECONDS_BETWEEN_LOOKS)
