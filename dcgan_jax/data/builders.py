"""Prepared data sets on disk: how TFDS writes them, how the trainer reads them.

Where they live and what their reports say is in `dcgan_jax.data.reports`. `tfds.load(name,
data_dir=…)` reads a set too, without this package.
"""

import contextlib
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan_jax.data import pixel_file
from dcgan_jax.data.face_set import FaceSet
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.quiet_tensorflow import tf, tfds
from dcgan_jax.data.records import FACE_SHAPE, SPLITS, Record, Shape
from dcgan_jax.data.reports import SplitInfo, damaged, data_dir, set_dir, split_info


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


def write_set(
  root: pathlib.Path,
  name: str,
  class_names: tuple[str, ...],
  records: list[Record],
  read_image: Callable[[Record], np.ndarray],
  companions: dict[str, str],
  image_shape: Shape = FACE_SHAPE,
) -> pathlib.Path:
  """Writes a set under a data directory with TFDS, its report included, and returns its folder.

  Args:
    root: data directory; TFDS's own unfinished folder lies in it meanwhile.
    name: the set's name, lower-case letters, digits and underscores.
    class_names: by label.
    records: in order; grouped by split here.
    read_image: uint8 [height, width, channels] for a record; called once each, in order.
    companions: file name → text, written beside the data; the report is one.
    image_shape: height, width and channels of every image.

  Raises:
    OSError: the disk is full or fails.
  """
  by_split = {split: [r for r in records if r.split == split] for split in SPLITS}
  units = next((r.action_units for r in records if r.action_units is not None), None)
  fields = {
    "__module__": __name__,
    "name": name,
    "image_shape": image_shape,
    "class_names": class_names,
    "num_action_units": None if units is None else len(units),
    "records": {split: members for split, members in by_split.items() if members},
    "read_image": staticmethod(read_image),
    "companions": companions,
  }
  builder_class = type("FaceSet", (FaceSet,), fields, skip_registration=True)
  tfds.disable_progress_bar()  # TFDS draws its bars even into a log file; prepare draws its own
  builder = builder_class(data_dir=str(root))
  try:
    with contextlib.redirect_stdout(None):  # it announces a download of unknown size
      builder.download_and_prepare(
        download_dir=str(root / "downloads"),
        download_config=tfds.download.DownloadConfig(try_download_gcs=False),
      )
  except (tf.errors.OpError, RuntimeError) as error:
    # A full or failing disk is an OpError in TensorFlow, which TFDS hides in a RuntimeError.
    cause = error if isinstance(error, tf.errors.OpError) else error.__cause__
    if not isinstance(cause, tf.errors.OpError):
      raise
    raise OSError(cause.message) from error
  return set_dir(root, name)


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
    columns = _read_columns(location, split, info)
  except (tf.errors.OpError, OSError, ValueError) as error:
    raise damaged(name, location) from error
  prepared = Prepared(
    images=columns["image"],
    labels=columns["label"].astype(np.int32),
    class_names=info.class_names,
    subjects=tuple(text.decode() for text in columns["subject"]),
    sources=tuple(text.decode() for text in columns["source"]),
    action_units=columns.get("action_units"),
    fingerprint=fingerprint(columns["image"], columns["label"]),
  )
  if prepared.fingerprint != info.fingerprint or prepared.images.shape[1:] != info.image_shape:
    raise damaged(name, location)
  return prepared


def _read_columns(location: pathlib.Path, split: str, info: SplitInfo) -> dict[str, np.ndarray]:
  builder = tfds.builder_from_directory(str(location))
  skipped = {"image": tfds.decode.SkipDecoding()} if info.pixel_file else None
  if info.pixel_file:
    images = pixel_file.mapped(location / info.pixel_file, info.num_images, info.image_shape)
  else:  # filled batch by batch: joined at the end, the pixels would be in memory twice
    images = np.empty((info.num_images, *info.image_shape), np.uint8)
  dataset = builder.as_dataset(
    split=split,
    batch_size=1024,
    shuffle_files=False,
    read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
    decoders=skipped,
  )
  batches, start = [], 0
  for batch in dataset.as_numpy_iterator():
    pixels = batch.pop("image")  # or, where they are mapped, the PNGs' bytes
    if not skipped:
      images[start : start + len(pixels)] = pixels
    start += len(pixels)
    batches.append(batch)
  if start != info.num_images:
    raise ValueError(f"{start} images, expected {info.num_images}")
  columns = {key: np.concatenate([batch[key] for batch in batches]) for key in batches[0]}
  return {"image": images, **columns}
