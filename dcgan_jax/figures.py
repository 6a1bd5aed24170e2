"""Pictures: grids of images and the curves of a run."""

import math
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from dcgan_jax.files import replacing


def grid(images: np.ndarray, columns: int | None = None, gap: int = 2) -> np.ndarray:
  """Lays images out row by row on white.

  Args:
    images: uint8 [n, height, width, channels], n >= 1.
    columns: images in a row; default the next square.
    gap: white pixels between images.

  Returns:
    uint8 [rows * (height + gap) - gap, columns * (width + gap) - gap, channels].
  """
  count, height, width, channels = images.shape
  columns = columns or math.ceil(math.sqrt(count))
  rows = math.ceil(count / columns)
  shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, channels)
  sheet = np.full(shape, 255, np.uint8)
  for i, image in enumerate(images):
    top, left = i // columns * (height + gap), i % columns * (width + gap)
    sheet[top : top + height, left : left + width] = image
  return sheet


def save_png(path: pathlib.Path, image: np.ndarray, scale: int = 1) -> None:
  """Writes uint8 [height, width, 1 or 3] as PNG, each pixel `scale` times as wide and high."""
  if image.shape[-1] == 1:
    image = image[..., 0]
  image = image.repeat(scale, axis=0).repeat(scale, axis=1)
  with replacing(path) as temporary:
    Image.fromarray(image).save(temporary, format="PNG")


def save_gif(path: pathlib.Path, images: np.ndarray, seconds: float, scale: int = 1) -> None:
  """Writes uint8 [n, height, width, 1 or 3] as a GIF that repeats for ever.

  Args:
    path: the file.
    images: the frames.
    seconds: each is shown, in hundredths at the finest.
    scale: each pixel is so many times as wide and high.
  """
  if images.shape[-1] == 1:
    images = images[..., 0]
  images = images.repeat(scale, axis=1).repeat(scale, axis=2)
  first, *others = [Image.fromarray(image) for image in images]
  with replacing(path) as temporary:
    first.save(
      temporary,
      format="GIF",
      save_all=True,
      append_images=others,
      duration=round(1000 * seconds),
      loop=0,
    )


def save_curves(path: pathlib.Path, rows: Sequence[dict[str, Any]]) -> None:
  """Draws losses and discriminator accuracies over the steps as PNG.

  Args:
    path: the picture to write.
    rows: the run's logged scalars, oldest first, as in metrics.jsonl; none draws empty axes.
  """
  from matplotlib.figure import Figure  # most of a second, which a training need not wait for

  panels = [
    ("loss", {"discriminator_loss": "discriminator", "generator_loss": "generator"}),
    ("discriminator accuracy", {"accuracy_real": "on real", "accuracy_fake": "on generated"}),
  ]
  figure = Figure(figsize=(8, 6), layout="constrained")  # not pyplot's, which needs the main thread
  axes = figure.subplots(len(panels), 1, sharex=True)
  for axis, (title, lines) in zip(axes, panels, strict=True):
    for key, label in lines.items():
      points = [(row["step"], row[key]) for row in rows if key in row]
      axis.plot([step for step, _ in points], [value for _, value in points], label=label)
    axis.set_ylabel(title)
    axis.grid(alpha=0.3)
    # Above the axes, where no line can run behind it.
    axis.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
  axes[1].set_ylim(-0.02, 1.02)
  axes[1].set_xlabel("step")
  with replacing(path) as temporary:
    figure.savefig(temporary, format="png", dpi=100)
