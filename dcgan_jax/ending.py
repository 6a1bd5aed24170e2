"""How a run ended, as files in its workdir: the trainer leaves them, who follows it reads them.

finished.json    the run has reached its last step, and that checkpoint is on disk
diverged.json    a loss or gradient stopped being finite
"""

import pathlib

from dcgan_jax.files import write_json

_FINISHED, _DIVERGED = "finished.json", "diverged.json"


def mark_finished(workdir: pathlib.Path, step: int) -> None:
  """Says that the run has reached its last step, once that checkpoint is on disk."""
  write_json(workdir / _FINISHED, {"step": step})


def mark_diverged(workdir: pathlib.Path, step: int) -> None:
  """Says that the run diverged after a step, its newest checkpoint's, 0 where there is none."""
  write_json(workdir / _DIVERGED, {"step": step})


def mark_running(workdir: pathlib.Path) -> None:
  """Takes both marks away: the run goes on."""
  for name in (_FINISHED, _DIVERGED):
    (workdir / name).unlink(missing_ok=True)


def mark(workdir: pathlib.Path, start: int, stop: int) -> None:
  """Marks a run that begins at a step, or has nothing left to do: its last mark may be lost."""
  if start >= stop:
    mark_finished(workdir, start)
  else:
    mark_running(workdir)


def is_finished(workdir: pathlib.Path) -> bool:
  """Whether the run has reached its last step."""
  return (workdir / _FINISHED).exists()


def has_ended(workdir: pathlib.Path) -> bool:
  """Whether there is no further checkpoint to wait for."""
  return is_finished(workdir) or (workdir / _DIVERGED).exists()
