"""A confusion matrix as a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_CELL = 0.8  # inches


def confusion_picture(matrix: np.ndarray, class_names: Sequence[str], title: str) -> np.ndarray:
  """Draws a confusion matrix, each row shaded by its parts, with percentages and counts.

  Args:
    matrix: int64 [true, predicted], from `confusion.confusion_matrix`.
    class_names: by class.
    title: above the picture; may have several lines.

  Returns:
    uint8 [height, width, 3].
  """
  totals = matrix.sum(axis=1, keepdims=True)
  parts = matrix / np.maximum(totals, 1)
  side = 2.5 + _CELL * len(class_names)
  figure = Figure(figsize=(side, side), dpi=100, layout="constrained")
  canvas = FigureCanvasAgg(figure)
  axes = figure.subplots()
  axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
  for (row, column), count in np.ndenumerate(matrix):
    part = parts[row, column]
    text = f"{part:.0%}\n{count:,}" if totals[row, 0] else "–"
    axes.text(column, row, text, ha="center", va="center", color="w" if part > 0.5 else "k")
  places = range(len(class_names))
  axes.set_xticks(places, class_names, rotation=30, ha="right")
  axes.set_yticks(
    places, [f"{name}\n{total:,}" for name, total in zip(class_names, totals[:, 0], strict=True)]
  )
  axes.set_xlabel("recognised as")
  axes.set_ylabel("real class, with its images")
  axes.set_title(title)
  canvas.draw()
  return np.asarray(canvas.buffer_rgba())[..., :3].copy()
