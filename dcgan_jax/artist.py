"""Pictures of a run, drawn while the training goes on."""

import pathlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from dcgan_jax import figures
from dcgan_jax.tracking import TensorBoard


class Artist:
  """Draws in a thread of its own what the device still computes; one picture after another."""

  def __init__(self, workdir: pathlib.Path, tensorboard: TensorBoard):
    """Draws into samples/ and curves.png of a workdir, and into its TensorBoard files."""
    self._workdir, self._tensorboard = workdir, tensorboard
    self._thread = ThreadPoolExecutor(1, thread_name_prefix="artist")
    self._pending: tuple[int, Future[dict[str, np.ndarray]]] | None = None

  def draw(
    self,
    step: int,
    samples: Mapping[str, jax.Array],
    columns: int | None,
    rows: Sequence[dict[str, Any]],
  ) -> None:
    """Starts to draw and returns, once the drawing before this one is done.

    Args:
      step: completed updates.
      samples: by the file name's suffix, uint8 [n, height, width, channels]; the device may not
        have computed them yet.
      columns: images in a row of the picture; None for the next square.
      rows: the scalars so far, for the curves.

    Raises:
      OSError: the drawing before this one could not be written.
    """
    self.wait()
    drawing = self._thread.submit(self._draw, step, dict(samples), columns, list(rows))
    self._pending = step, drawing

  def wait(self) -> None:
    """Blocks until everything is drawn.

    Raises:
      OSError: it could not be written.
    """
    if self._pending is None:
      return
    (step, drawing), self._pending = self._pending, None
    sheets = drawing.result()
    # Here rather than there: clu's writer is not told to be called from two threads.
    self._tensorboard.images(step, {f"samples{suffix}": s for suffix, s in sheets.items()})

  def close(self) -> None:
    """Ends the thread, after what it is drawing."""
    self._thread.shutdown()

  def _draw(
    self,
    step: int,
    samples: Mapping[str, jax.Array],
    columns: int | None,
    rows: Sequence[dict[str, Any]],
  ) -> dict[str, np.ndarray]:
    sheets = {}
    for suffix, images in samples.items():
      sheets[suffix] = figures.grid(np.asarray(images), columns)
      path = self._workdir / "samples" / f"{step:08d}{suffix}.png"
      figures.save_png(path, sheets[suffix], scale=2)
    figures.save_curves(self._workdir / "curves.png", rows)
    return sheets
