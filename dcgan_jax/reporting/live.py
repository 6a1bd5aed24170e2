"""Keeps a run's page up to date while it trains, and costs next to nothing."""

import pathlib
import sys
import time

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
    """Writes the page.

    Nothing that a page could meet in the workdir's files is worth a training: what is no failure to
    write is said, and passed over.

    Args:
      training: whether the training goes on.

    Raises:
      OSError: it cannot be written.
    """
    began = time.monotonic()
    try:
      write_page(self._workdir, training=training)
    except OSError:
      raise
    except Exception as error:
      _say_not_written(self._workdir, error)
    ended = time.monotonic()
    self._next = ended + max(_SECONDS_BETWEEN, (ended - began) / _SHARE)


def refresh(workdir: pathlib.Path) -> None:
  """Writes the page of a run that another process may train, and says so where that fails."""
  try:
    write_page(workdir)
  except OSError as error:
    what = f"{workdir / NAME}: cannot be written: {error.strerror or error}."
    print(what, file=sys.stderr, flush=True)
  except Exception as error:  # the scores are not to be lost for it
    _say_not_written(workdir, error)


def _say_not_written(workdir: pathlib.Path, error: Exception) -> None:
  print(f"{workdir / NAME}: not written: {error!r}", file=sys.stderr, flush=True)
