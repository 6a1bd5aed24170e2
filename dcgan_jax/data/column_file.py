"""What is known of each image of a split beside its pixels, as one .npz file."""

import pathlib
from collections.abc import Sequence

import numpy as np

from dcgan_jax.data import array_file
from dcgan_jax.data.records import Record


def name(split: str) -> str:
  """The file of a split in its set's folder."""
  return f"{split}.npz"


def write(path: pathlib.Path, records: Sequence[Record]) -> None:
  """Writes label, subject, source and, of rendered faces, action units; a row for each record.

  Raises:
    OSError: the disk is full or fails.
  """
  columns = {
    "label": np.array([record.label for record in records], np.int32),
    "subject": np.array([record.subject for record in records], np.str_),
    "source": np.array([record.source for record in records], np.str_),
  }
  units = [record.action_units for record in records if record.action_units is not None]
  if units:
    columns["action_units"] = np.stack(units)
  np.savez_compressed(path, **columns)  # type: ignore[arg-type]


def read(path: pathlib.Path, num_images: int) -> dict[str, np.ndarray]:
  """The columns by name: label int32 [n], subject and source str [n], action_units float32 [n, A].

  Raises:
    OSError: missing.
    ValueError: damaged, or not the columns of so many images.
  """
  try:
    columns = array_file.read(path)
  except ValueError as error:
    raise ValueError(f"{path}: {error}") from error
  wrong = [key for key, column in columns.items() if column.shape[:1] != (num_images,)]
  if wrong or not {"label", "subject", "source"} <= columns.keys():
    raise ValueError(f"{path}: not the columns of {num_images} images")
  return columns
