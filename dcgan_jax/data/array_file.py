"""Arrays out of an .npz that anybody may have written."""

import pathlib
import zipfile
from collections.abc import Collection

import numpy as np

# Zeros pack a thousandfold. So do the labels of a set of one class, which are few.
_LARGE, _MOST_PACKED = 256 * 2**20, 200


def read(path: pathlib.Path, wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
  """The arrays by name, those of them that are wanted; objects are never unpickled.

  Raises:
    OSError: missing, or cannot be opened.
    ValueError: not an .npz, damaged, with objects in it, or far larger once it is unpacked.
  """
  if path.exists() and not path.is_file():  # a pipe would be waited for
    raise ValueError("not a file")
  try:
    with zipfile.ZipFile(path) as members:
      for member in members.infolist():
        if member.file_size > max(_LARGE, _MOST_PACKED * member.compress_size):
          raise ValueError(
            f"{member.filename[:80]} claims {member.file_size:,} bytes packed in "
            f"{member.compress_size:,}: damaged or hostile"
          )
    with np.load(path, allow_pickle=False) as arrays:
      return {name: arrays[name] for name in arrays.files if wanted is None or name in wanted}
  except (OSError, ValueError):
    raise
  except Exception as error:  # on damaged bytes zipfile and NumPy raise nearly anything
    raise ValueError(str(error) or type(error).__name__) from error


def names(path: pathlib.Path) -> set[str]:
  """The names of an .npz's arrays; none where it is no such file."""
  try:
    with zipfile.ZipFile(path) as archive:
      return {name.removesuffix(".npy") for name in archive.namelist()}
  except Exception:  # no zip, or one so damaged that nobody can tell what it holds
    return set()
