"""Keeps a run's page up to date while it trains, and costs next to nothing."""

import pathlib
import sys
import time
from collections.abc import Callable, Sequence

from dcgan_jax.reporting.comparison_page import write_comparison
from dcgan_jax.reporting.run_page import NAME, write_page

_SECONDS_BETWEEN = 60.0
_SHARE = 1 / 40  # of one core's time at most


class LivePage:
  """The page of a run that trains in this process."""

  def __init__(self, workdir: pathlib.Path):
    """Of a workdir, which its trainer has to itself."""
    self._workdir = workdir
    self._next = 0.0

  def due(self) -> bool:
    """Whether the page is old enough to be written anew; at first it is."""
    return time.monotonic() >= self._next

  def write(self, training: bool = True) -> None:
    """Writes the page, or says why not: it is not worth a training, nor its exit code.

    Args:
      training: whether the training goes on.
    """
    began = time.monotonic()
    refresh(self._workdir, training)
    ended = time.monotonic()
    self._next = ended + max(_SECONDS_BETWEEN, (ended - began) / _SHARE)


def refresh(workdir: pathlib.Path, training: bool | None = None) -> None:
  """Writes the page of a run, or says why not.

  Args:
    workdir: the run's folder.
    training: whether it trains; default what its lock says.
  """
  _try(workdir / NAME, lambda: write_page(workdir, training=training))


def refresh_comparison(workdirs: Sequence[pathlib.Path], out: pathlib.Path) -> None:
  """Writes the page that compares runs, or says why not."""
  _try(out, lambda: write_comparison(workdirs, out))


def _try(page: pathlib.Path, write: Callable[[], None]) -> None:
  """Neither steps nor scores are lost for a page, whatever it has met in the files of a run."""
  try:
    write()
  except Exception as error:
    reason = (getattr(error, "strerror", None) or repr(error)).partition("\n")[0]
    print(f"{page}: not written: {reason}", file=sys.stderr, flush=True)
