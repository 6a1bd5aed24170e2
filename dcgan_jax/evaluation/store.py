"""What an evaluation computes once and keeps: arrays on disk under a key of what they depend on."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import platformdirs

from dcgan_jax.errors import UserError
from dcgan_jax.files import replacing

# Raise it when the same key would give other numbers: another resize, split or distance.
_FORMAT = "1"
_VARIABLE = "DCGAN_JAX_REFERENCES"


def default_store() -> pathlib.Path:
  """$DCGAN_JAX_REFERENCES, else a folder in the user's cache.

  Raises:
    UserError: a URL; files are locked and mapped here, which buckets cannot do.
  """
  chosen = os.environ.get(_VARIABLE)
  if chosen and "://" in chosen:
    raise UserError(f"${_VARIABLE}={chosen}: a local folder is needed, not a URL.")
  if chosen:
    return pathlib.Path(chosen).expanduser().absolute()
  return pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / "references"


class Store:
  """Arrays and small results of one key, in a folder of their own.

  Each appears by one rename when it is whole. What is there is used as it is: everything it
  depends on is in the key, or in its name.

  Whatever writes raises UserError where the folder cannot be made, or the disk is full or fails.
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
    with self._writing():
      if not note.exists():
        _publish(note, lambda file: file.write(f"{text}\n".encode()))

  def has(self, name: str) -> bool:
    """Whether an array is there."""
    return self._array(name).exists()

  def array(self, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array called `name`, mapped from disk rather than read; computed where it is missing."""
    path = self._array(name)
    if not path.exists():
      self._save(path, compute())
    return self.get(name)

  def get(self, name: str) -> np.ndarray:
    """The array called `name`, mapped from disk.

    Raises:
      FileNotFoundError: it is not there.
    """
    return np.load(self._array(name), mmap_mode="r", allow_pickle=False)

  def json(self, name: str, compute: Callable[[], Any]) -> Any:
    """A small result that JSON can hold; computed where it is missing."""
    path = self.directory / f"{name}.json"
    if not path.exists():
      text = json.dumps(compute()) + "\n"
      with self._writing():
        _publish(path, lambda file: file.write(text.encode()))
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
      with self._locked(partial) as file:
        # Another process may have been at it meanwhile: then this is what it has made.
        if not path.exists():
          self._extend(file, width, stream)
          self._save(path, np.memmap(partial, np.float32, "r").reshape(-1, width))
    # Also what a kill has left after the renaming; a store that cannot be written keeps it.
    with contextlib.suppress(OSError):
      partial.unlink(missing_ok=True)
    return self.get(name)

  @contextlib.contextmanager
  def _locked(self, path: pathlib.Path) -> Iterator[int]:
    """A file to append to; whoever else asks for it waits until the block ends."""
    with self._writing():
      file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
      with self._writing():
        _wait_for_lock(file, path)
      yield file
    finally:
      os.close(file)

  def _extend(self, file: int, width: int, stream: Callable[[int], Iterator[np.ndarray]]) -> None:
    row = 4 * width
    with self._writing():
      done = os.fstat(file).st_size // row
      os.ftruncate(file, done * row)  # a kill may have cut the last row short
    for rows in stream(done):
      left = memoryview(np.ascontiguousarray(rows, np.float32).tobytes())
      with self._writing():
        while left:  # the system may take less than it is given
          left = left[os.write(file, left) :]

  def _save(self, path: pathlib.Path, array: np.ndarray) -> None:
    with self._writing():
      _publish(path, lambda file: np.save(file, array, allow_pickle=False))

  @contextlib.contextmanager
  def _writing(self) -> Iterator[None]:
    try:
      yield
    except OSError as error:
      raise UserError(
        f"{self.directory}: what evaluations keep cannot be written there: "
        f"{error.strerror or error}.\n"
        f"Free some space, or name another folder with ${_VARIABLE}."
      ) from error

  def _array(self, name: str) -> pathlib.Path:
    return self.directory / f"{name}.npy"


def _wait_for_lock(file: int, path: pathlib.Path) -> None:
  try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
  except BlockingIOError:
    print(
      f"{path.stem}: another evaluation is computing them; waiting for it …",
      file=sys.stderr,
      flush=True,
    )
    fcntl.flock(file, fcntl.LOCK_EX)


def _publish(path: pathlib.Path, write: Callable[[BinaryIO], object]) -> None:
  """Writes a file that is whole whenever it is there, also after the power has failed."""
  with replacing(path) as temporary, temporary.open("wb") as file:
    write(file)
    file.flush()
    os.fsync(file.fileno())
