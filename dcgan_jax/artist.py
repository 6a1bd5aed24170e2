"""Pictures of a run and its page, drawn while the training goes on."""

import pathlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import numpy as np

from dcgan_jax import figures
from dcgan_jax.reporting.live import LivePage
from dcgan_jax.tracking import Boards


class Drawing(NamedTuple):
  """What is to be drawn of a step."""

  step: int  # completed updates
  # By the file name's suffix, uint8 [n, height, width, channels]; perhaps not computed yet.
  samples: Mapping[str, jax.Array]
  columns: int | None  # images in a row of the picture; None for the next square
  rows: Sequence[dict[str, Any]]  # the scalars so far, for the curves


class Artist:
  """Draws in a thread of its own what the device still computes; one picture after another."""

  def __init__(self, workdir: pathlib.Path, boards: Boards):
    """Draws into samples/, curves.png and report.html of a workdir, and on boards."""
    self._workdir, self._boards = workdir, boards
    self._page = LivePage(workdir)
    self._thread = ThreadPoolExecutor(1, thread_name_prefix="artist")
    self._pending: tuple[int, Future[dict[str, np.ndarray]]] | None = None

  def draw(self, drawing: Drawing) -> None:
    """Starts to draw and returns, once the drawing before this one is done.

    Raises:
      OSError: the drawing before this one could not be written.
    """
    self.wait()
    drawing = drawing._replace(rows=list(drawing.rows))  # the caller's list grows
    self._pending = drawing.step, self._thread.submit(self._draw, drawing)

  def refresh(self, step: int) -> None:
    """Starts to write the page anew, where that is due and nothing is being drawn.

    Raises:
      OSError: the drawing before could not be written.
    """
    if self._page.due() and (self._pending is None or self._pending[1].done()):
      self.wait()
      self._pending = step, self._thread.submit(self._write_page)

  def wait(self) -> None:
    """Blocks until everything is drawn.

    Raises:
      OSError: it could not be written.
    """
    if self._pending is None:
      return
    (step, future), self._pending = self._pending, None
    sheets = future.result()
    if sheets:
      # Here rather than there: clu's pool promises nothing of calls from two threads.
      self._boards.images(step, {f"samples{suffix}": s for suffix, s in sheets.items()})

  def close(self) -> None:
    """Ends the thread after what it is drawing, and writes the page of an ended training."""
    self._thread.shutdown()
    with self._boards.loading:
      self._page.write(training=False)

  def _draw(self, drawing: Drawing) -> dict[str, np.ndarray]:
    sheets = {
      suffix: figures.grid(np.asarray(images), drawing.columns)
      for suffix, images in drawing.samples.items()
    }
    with self._boards.loading:  # Pillow and matplotlib import as they draw
      for suffix, sheet in sheets.items():
        path = self._workdir / "samples" / f"{drawing.step:08d}{suffix}.png"
        figures.save_png(path, sheet, scale=2)
      figures.save_curves(self._workdir / "curves.png", drawing.rows)
      if self._page.due():
        self._page.write()
    return sheets

  def _write_page(self) -> dict[str, np.ndarray]:
    with self._boards.loading:
      self._page.write()
    return {}
