"""What a run tells while it trains: JSON lines, TensorBoard (clu) and a progress line."""

import json
import pathlib
import sys
from typing import Any

import numpy as np
from clu import metric_writers
from tqdm import tqdm

from dcgan_jax.files import replacing


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
  """The whole lines of a file; a kill may have cut the last one short."""
  if not path.exists():
    return []
  rows = []
  for line in path.read_text(encoding="utf-8").splitlines():
    try:
      row = json.loads(line)
    except ValueError:
      continue
    if isinstance(row, dict) and isinstance(row.get("step"), int):
      rows.append(row)
  return rows


class TensorBoard:
  """TensorBoard event files, written in the background."""

  def __init__(self, directory: pathlib.Path):
    """Writes to `directory`, which TensorBoard reads with --logdir."""
    summaries = metric_writers.SummaryWriter(str(directory))
    self._writer = metric_writers.AsyncMultiWriter([summaries])

  def scalars(self, step: int, scalars: dict[str, float]) -> None:
    """Writes named scalars."""
    self._writer.write_scalars(step, scalars)

  def images(self, step: int, images: dict[str, np.ndarray]) -> None:
    """Writes named pictures, uint8 [height, width, channels] each."""
    self._writer.write_images(step, {name: image[None] for name, image in images.items()})

  def flush(self) -> None:
    """Waits until everything is written."""
    self._writer.flush()

  def close(self) -> None:
    """Waits likewise, and ends the writer."""
    self._writer.close()


class Progress:
  """A progress bar on a terminal, plain lines at log points elsewhere; both with the time left."""

  def __init__(self, start: int, stop: int, batch_size: int):
    """Shows the way from step `start` to step `stop`."""
    self._stop, self._batch_size = stop, batch_size
    self._bar = tqdm(
      total=stop * batch_size,
      initial=start * batch_size,
      unit=" images",
      unit_scale=True,
      disable=None,  # unless on a terminal
      dynamic_ncols=True,
    )

  def advance(self, count: int) -> None:
    """Notes `count` more updates."""
    self._bar.update(count * self._batch_size)

  def report(self, step: int, scalars: dict[str, float]) -> None:
    """Shows the newest scalars."""
    text = (
      f"loss D {scalars['discriminator_loss']:.3f} G {scalars['generator_loss']:.3f}, "
      f"D right on real {scalars['accuracy_real']:.0%} fake {scalars['accuracy_fake']:.0%}"
    )
    if not self._bar.disable:
      self._bar.set_postfix_str(text)
      return
    speed = scalars["images_per_second"]
    left = tqdm.format_interval((self._stop - step) * self._batch_size / speed)
    print(
      f"step {step}/{self._stop}  {text}  {speed:.1f} images/s  {left} left",
      file=sys.stderr,
      flush=True,
    )

  def say(self, text: str) -> None:
    """Prints a line without breaking the bar."""
    tqdm.write(text, file=sys.stderr)

  def close(self) -> None:
    """Ends the bar."""
    self._bar.close()
