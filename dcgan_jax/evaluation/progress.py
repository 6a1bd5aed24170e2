"""How far a long computation is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

import numpy as np
from tqdm import tqdm

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
  bar = tqdm(
    desc=label,
    initial=start,
    total=total,
    unit=" images",
    disable=None,  # unless on a terminal
    leave=False,
    dynamic_ncols=True,
  )
  done, began, last = start, time.monotonic(), time.monotonic()
  with bar:
    for batch in batches:
      yield batch
      done += len(batch)
      bar.update(len(batch))
      now = time.monotonic()
      if bar.disable and now - last >= _LINE_EVERY and done < total:
        last, speed = now, (done - start) / (now - began)
        left = tqdm.format_interval((total - done) / speed)
        line = f"{label}: {done:,} of {total:,} images, {speed:.1f} images/s, {left} left"
        print(line, file=sys.stderr, flush=True)
