"""How far a long computation is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

import numpy as np
from tqdm import tqdm

from dcgan_jax.errors import printable
from dcgan_jax.waiting import bar

_LINE_EVERY = 60.0  # seconds


def progress(
  batches: Iterable[np.ndarray], total: int, label: str, start: int = 0
) -> Iterator[np.ndarray]:
  """Passes batches on and shows how many rows have gone by, how fast, and the time left.

  Args:
    batches: arrays; their first axis is counted.
    total: rows in all, those before `start` included.
    label: what is going on.
    start: rows done before.
  """
  done, began, last = start, time.monotonic(), time.monotonic()
  with bar(label, " images", total, initial=start) as shown:
    for batch in batches:
      yield batch
      done += len(batch)
      shown.update(len(batch))
      now = time.monotonic()
      if shown.disable and now - last >= _LINE_EVERY and done < total:
        last, speed = now, (done - start) / (now - began)
        left = tqdm.format_interval((total - done) / speed)
        line = (
          f"{printable(label)}: {done:,} of {total:,} images, {speed:.1f} images/s, {left} left"
        )
        print(line, file=sys.stderr, flush=True)
