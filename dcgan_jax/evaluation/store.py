"""What an evaluation computes once and keeps: arrays on disk under a key of what they depend on."""

import fcntl
import hashlib
import json
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import platformdirs

from dcgan_jax.files import replacing

# Raise it when the same key would give other numbers: another resize, split or distance.
_FORMAT = "1"


def default_store() -> pathlib.Path:
  """$DCGAN_JAX_REFERENCES, else a folder in the user's cache."""
  chosen = os.environ.get("DCGAN_JAX_REFERENCES")
  if chosen:
    return pathlib.Path(chosen).expanduser().absolute()
  return pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / "references"


class Store:
  """Arrays and small results of one key, in a folder of their own.

  Each appears by one rename when it is whole. What is there is used as it is: everything it
  depends on is in the key.
  """

  def __init__(self, root: pathlib.Path, key: Mapping[str, str]):
    """Opens the folder of a key, made where it is missing.

    Args:
      root: the folder of all keys.
      key: what the results depend on, by name: fingerprints, versions, settings.
    """
    text = json.dumps({"format": _FORMAT, **key}, sort_keys=True, indent=2)
    self.directory = root / hashlib.sha256(text.encode()).hexdigest()[:24]
    note = self.directory / "key.json"
    if not note.exists():
      with replacing(note) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")

  def has(self, name: str) -> bool:
    """Whether an array is there."""
    return self._array(name).exists()

  def array(self, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array called `name`, mapped from disk rather than read; computed where it is missing."""
    path = self._array(name)
    if not path.exists():
      with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, compute(), allow_pickle=False)
    return np.load(path, mmap_mode="r", allow_pickle=False)

  def json(self, name: str, compute: Callable[[], Any]) -> Any:
    """A small result that JSON can hold; computed where it is missing."""
    path = self.directory / f"{name}.json"
    if not path.exists():
      result = compute()
      with replacing(path) as temporary:
        temporary.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))

  def rows(
    self, name: str, width: int, stream: Callable[[int], Iterator[np.ndarray]]
  ) -> np.ndarray:
    """An array of float32 rows that takes long to compute, and survives being killed meanwhile.

    Args:
      name: of the array.
      width: of a row.
      stream: yields the rows from a given one on, float32 [any number, width] at a time.

    Returns:
      float32 [n, width], mapped from disk.
    """
    path, partial = self._array(name), self.directory / f"{name}.partial"
    if not path.exists():
      with partial.open("ab") as file:
        # Another process may be at it: wait for it, then take what it has made.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
          self._extend(file.fileno(), partial, width, stream)
          rows = np.memmap(partial, np.float32, "r").reshape(-1, width)
          with replacing(path) as temporary, temporary.open("wb") as out:
            np.save(out, rows, allow_pickle=False)
          del rows
        partial.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r", allow_pickle=False)

  def _extend(
    self,
    file: int,
    partial: pathlib.Path,
    width: int,
    stream: Callable[[int], Iterator[np.ndarray]],
  ) -> None:
    row = 4 * width
    done = partial.stat().st_size // row
    os.ftruncate(file, done * row)  # a kill may have cut the last row short
    for rows in stream(done):
      os.write(file, np.ascontiguousarray(rows, np.float32).tobytes())

  def _array(self, name: str) -> pathlib.Path:
    return self.directory / f"{name}.npy"
