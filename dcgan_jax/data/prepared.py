"""Prepared data sets, as the trainer and the evaluation read them: without TensorFlow.

`dcgan_jax.data.builders` writes them. Where they live and what their reports say is in
`dcgan_jax.data.reports`.
"""

from dataclasses import dataclass

import numpy as np

from dcgan_jax.data import column_file, pixel_file
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.reports import damaged, data_dir, set_dir, split_info
from dcgan_jax.waiting import counted


@dataclass(frozen=True)
class Prepared:
  """One split of a prepared set, in record order.

  Attributes:
    images: uint8 [n, height, width, channels], read-only and mapped from disk where the split is
      large (see `dcgan_jax.data.pixel_file`).
    labels: int32 [n], an index into class_names, -1 where unlabelled.
    class_names: the classes by label; empty for an unlabelled set.
    subjects: the person shown, '' where unknown; n of them.
    sources: file name inside the source, or "row N"; n of them.
    action_units: float32 [n, A] for a rendered set, else None.
    fingerprint: see `dcgan_jax.data.fingerprint`.
  """

  images: np.ndarray
  labels: np.ndarray
  class_names: tuple[str, ...]
  subjects: tuple[str, ...]
  sources: tuple[str, ...]
  action_units: np.ndarray | None
  fingerprint: str


def load_prepared(name: str, split: str, directory: str | None) -> Prepared:
  """Reads one split of a prepared set in record order, its images only as far as memory allows.

  Args:
    name: the name it was prepared under.
    split: "train", "validation" or "test".
    directory: data directory; None as for `reports.data_dir`.

  Raises:
    UserError: as for `reports.split_info`, or data that no longer match the fingerprint taken when
      they were written.
  """
  info = split_info(name, split, directory)
  location = set_dir(data_dir(directory), name)
  try:
    images = pixel_file.read(location / pixel_file.name(split), info.num_images, info.image_shape)
    columns = column_file.read(location / column_file.name(split), info.num_images)
  except (OSError, ValueError) as error:
    raise damaged(name, location) from error
  blocks = pixel_file.passed_through(images)
  passing = counted(blocks, f"reading {name}/{split}", " images", len(images), size=len)
  prepared = Prepared(
    images=images,
    labels=columns["label"],
    class_names=info.class_names,
    subjects=tuple(columns["subject"].tolist()),
    sources=tuple(columns["source"].tolist()),
    action_units=columns.get("action_units"),
    fingerprint=fingerprint(passing, columns["label"]),
  )
  if prepared.fingerprint != info.fingerprint:
    raise damaged(name, location)
  return prepared
