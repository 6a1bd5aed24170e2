"""What a run leaves of its numbers and pictures: JSON lines, and TensorBoard's files by clu."""

import json
import pathlib
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from clu import asynclib

from dcgan_jax.files import json_rows, replacing
from dcgan_jax.wandb_board import WandbBoard

# What a thread met as it wrote, a full disk for one: the cause of this, which a later call raises.
WriteError = asynclib.AsyncError


class JsonLines:
  """The scalars of a run as metrics.jsonl, one line per log point, in step order."""

  def __init__(self, path: pathlib.Path, resumed_at: int):
    """Keeps the lines up to step `resumed_at` and drops later ones: those steps run again."""
    self._path = path
    self.rows = [row for row in _read_rows(path) if row["step"] <= resumed_at]
    with replacing(path) as temporary:
      temporary.write_text("".join(_line(row) for row in self.rows), encoding="utf-8")

  def write(self, row: dict[str, Any]) -> None:
    """Appends one line."""
    self.rows.append(row)
    with self._path.open("a", encoding="utf-8") as file:
      file.write(_line(row))


def _line(row: dict[str, Any]) -> str:
  return json.dumps(row) + "\n"


def _read_rows(path: pathlib.Path) -> list[dict[str, Any]]:
  """The whole lines of a file; a kill may have cut the last one short, a disk changed any."""
  if not path.exists():
    return []
  return [row for row in json_rows(path) if row and isinstance(row.get("step"), int)]


class TensorBoard:
  """TensorBoard event files, written by a thread of its own.

  It is the first thing written that loads TensorFlow, which takes seconds: a training has made its
  first updates by then, and goes on meanwhile.

  Attributes:
    loading: held while it loads TensorFlow and what that loads: who comes upon half of a module
      fails, as matplotlib does upon half of IPython.
  """

  def __init__(self, directory: pathlib.Path, hyperparameters: Mapping[str, Any] | None = None):
    """Writes to `directory`, which TensorBoard reads with --logdir.

    Args:
      directory: made where it is missing.
      hyperparameters: by name, for the tab in which TensorBoard compares runs.

    Raises:
      OSError: there cannot be such a folder.
    """
    directory.mkdir(parents=True, exist_ok=True)
    self._directory, self._hyperparameters = directory, hyperparameters
    self.loading = threading.Lock()
    self._pool = asynclib.Pool("tensorboard", max_workers=1)

  def scalars(self, step: int, scalars: dict[str, float]) -> None:
    """Writes named scalars."""
    self._pool(lambda: self._writer.write_scalars(step, scalars))()

  def images(self, step: int, images: dict[str, np.ndarray]) -> None:
    """Writes named pictures, uint8 [height, width, channels] each."""
    batches = {name: image[None] for name, image in images.items()}
    self._pool(lambda: self._writer.write_images(step, batches))()

  def flush(self) -> None:
    """Waits until everything is written."""
    self._pool.join()
    if self._has_written:
      self._writer.flush()

  def close(self) -> None:
    """Waits likewise, and ends the writer."""
    self._pool.close()
    if self._has_written:
      self._writer.close()

  @property
  def _has_written(self) -> bool:
    return "_writer" in self.__dict__

  @cached_property
  def _writer(self) -> Any:
    with self.loading:
      # First, so that TensorFlow finds no accelerator.
      from dcgan_jax.data import quiet_tensorflow  # noqa: F401, I001
      from clu import metric_writers

      writer = metric_writers.SummaryWriter(str(self._directory))
      if self._hyperparameters:
        writer.write_hparams({k: _plain(v) for k, v in self._hyperparameters.items()})
      return writer


class Boards:
  """All that shows a run's scalars and pictures to people, as one.

  Attributes:
    loading: TensorBoard's.
  """

  def __init__(self, tensorboard: TensorBoard, wandb: WandbBoard | None = None):
    """TensorBoard first, and Weights & Biases where that is asked for."""
    self._all: list[TensorBoard | WandbBoard] = [tensorboard, *([wandb] if wandb else [])]
    self.loading = tensorboard.loading

  def scalars(self, step: int, scalars: dict[str, float]) -> None:
    """As TensorBoard's."""
    for board in self._all:
      board.scalars(step, scalars)

  def images(self, step: int, images: dict[str, np.ndarray]) -> None:
    """As TensorBoard's."""
    for board in self._all:
      board.images(step, images)

  def flush(self) -> None:
    """As TensorBoard's."""
    for board in self._all:
      board.flush()

  def close(self) -> None:
    """As TensorBoard's."""
    for board in self._all:
      board.close()


def _plain(value: Any) -> bool | int | float | str:
  """What TensorBoard takes for a hyperparameter."""
  return value if isinstance(value, bool | int | float | str) else str(value)
