"""What lies in the folder of a checkpoint, looked at before Orbax reads it: files that end."""

import json
import os
import pathlib
import stat

from dcgan_jax.errors import UserError

METADATA = "_CHECKPOINT_METADATA"  # Orbax's file of when a checkpoint was saved
_LONGEST_TEXT = 2**25  # bytes, of whatever in a checkpoint is not arrays; it has some thousands
_MOST_FILES = 100_000  # likewise; TensorStore makes one of some megabytes


def check_metadata(directory: pathlib.Path) -> None:
  """Refuses what Orbax would read of every checkpoint, and never come to the end of.

  Args:
    directory: the folder of all checkpoints.

  Raises:
    UserError: a checkpoint's own file is a pipe or a device, or longer than a run writes it.
  """
  for file in sorted(directory.glob(f"*/{METADATA}")):
    try:
      _check_file(file)
    except OSError:  # its trainer has deleted it since
      continue
    except ValueError as error:
      raise UserError(f"{file.parent}: no checkpoint: {error}.\nMove it away.") from error


def saved_at(folder: pathlib.Path) -> int:
  """When a checkpoint was saved, in nanoseconds, once all of its files have been looked at.

  Raises:
    ValueError: as for `check_files`, or its metadata is no JSON.
    OSError: it was deleted, or cannot be read.
  """
  check_files(folder)
  # Orbax would read the arrays' metadata as well.
  text = (folder / METADATA).read_text(encoding="utf-8")
  return int(json.loads(text)["commit_timestamp_nsecs"])


def check_files(folder: pathlib.Path) -> None:
  """Refuses what would be waited for without end, or fill the memory before it is compared.

  Raises:
    ValueError: a pipe or a device, or more text than a run writes.
    OSError: a link that leads nowhere.
  """
  files = (pathlib.Path(above, name) for above, _, names in os.walk(folder) for name in names)
  for number, file in enumerate(files):
    if number > _MOST_FILES:
      raise ValueError(f"more than {_MOST_FILES:,} files")
    _check_file(file)


def _check_file(file: pathlib.Path) -> None:
  status = file.stat()
  name = f"{file.parent.name}/{file.name}"
  if not stat.S_ISREG(status.st_mode):
    raise ValueError(f"{name} is no file")
  if status.st_size > _LONGEST_TEXT and file.parent.name != "d":
    raise ValueError(f"{name} has {status.st_size:,} bytes")
