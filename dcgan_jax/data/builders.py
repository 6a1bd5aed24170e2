"""Prepared data sets on disk: where they live, how TFDS writes them, how the trainer reads them.

A prepared set is the folder `<data dir>/<name>/1.0.0` that TFDS wrote, with our `report.json` in
it. It appears there by one rename when everything in it is written, so a set is either whole or
absent. `tfds.load(name, data_dir=…)` reads it too, without this package.
"""

import contextlib
import json
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import platformdirs

from dcgan_jax.data.face_set import VERSION, FaceSet
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.quiet_tensorflow import tf, tfds
from dcgan_jax.data.records import KINDS, SPLITS, Record
from dcgan_jax.errors import UserError

REPORT = "report.json"


@dataclass(frozen=True)
class Prepared:
  """One split of a prepared set, in record order.

  Attributes:
    images: uint8 [n, 48, 48, 1].
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


@dataclass(frozen=True)
class SplitInfo:
  """What a prepared set's report says of one split.

  Attributes:
    fingerprint: of its images and labels, see `dcgan_jax.data.fingerprint`.
    num_images: how many there are.
    class_names: by label; empty for an unlabelled set.
  """

  fingerprint: str
  num_images: int
  class_names: tuple[str, ...]


def data_dir(explicit: str | None) -> pathlib.Path:
  """The folder of prepared sets: the given one, else $DCGAN_JAX_DATA, else the user's cache.

  Raises:
    UserError: a URL; sets are published by renaming a folder, which buckets cannot do.
  """
  chosen = explicit or os.environ.get("DCGAN_JAX_DATA")
  if chosen and "://" in chosen:
    raise UserError(
      f"data directory {chosen}: a local folder is needed, not a URL.\n"
      "Copy the prepared set to a local disk and name that."
    )
  if chosen:
    return pathlib.Path(chosen).expanduser().absolute()
  return pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / "data"


def set_dir(root: pathlib.Path, name: str) -> pathlib.Path:
  """Where the set called `name` lies, or would lie, under a data directory."""
  return root / name / VERSION


def is_complete(directory: pathlib.Path) -> bool:
  """Whether a set's folder holds everything that publishing it puts there."""
  return all((directory / file).is_file() for file in ("dataset_info.json", REPORT))


def read_report(directory: pathlib.Path) -> dict[str, Any]:
  """The report of a complete set.

  Raises:
    UserError: it is no JSON any more.
  """
  try:
    report: dict[str, Any] = json.loads((directory / REPORT).read_text(encoding="utf-8"))
  except (OSError, ValueError) as error:
    raise UserError(_damaged(directory.parent.name, directory)) from error
  return report


def write_set(
  root: pathlib.Path,
  name: str,
  class_names: tuple[str, ...],
  records: list[Record],
  read_image: Callable[[Record], np.ndarray],
  companions: dict[str, str],
) -> pathlib.Path:
  """Writes a set under a data directory with TFDS, its report included, and returns its folder.

  Args:
    root: data directory; TFDS's own unfinished folder lies in it meanwhile.
    name: the set's name, lower-case letters, digits and underscores.
    class_names: by label.
    records: in order; grouped by split here.
    read_image: uint8 [48, 48, 1] for a record; called once each, in order.
    companions: file name → text, written beside the data; the report is one.

  Raises:
    OSError: the disk is full or fails.
  """
  by_split = {split: [r for r in records if r.split == split] for split in SPLITS}
  units = next((r.action_units for r in records if r.action_units is not None), None)
  fields = {
    "__module__": __name__,
    "name": name,
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


def split_info(name: str, split: str, directory: str | None) -> SplitInfo:
  """What is known of one split without reading its images: from the set's report alone.

  Args:
    name: the name it was prepared under.
    split: "train", "validation" or "test".
    directory: data directory; None as for `data_dir`.

  Raises:
    UserError: not prepared (names the command that prepares it), no such split (names those
      there are), or a report that is damaged.
  """
  root = data_dir(directory)
  location = set_dir(root, name)
  if not is_complete(location):
    raise UserError(_not_prepared(name, root, directory))
  report = read_report(location)
  try:
    names = tuple(report["class_names"])
    infos = {
      key: SplitInfo(one["fingerprint"], one["images"], names)
      for key, one in report["splits"].items()
    }
  except (KeyError, TypeError, AttributeError) as error:  # JSON, but no longer a report
    raise UserError(_damaged(name, location)) from error
  if split not in infos:
    there = ", ".join(f"{key} ({one.num_images:,} images)" for key, one in infos.items())
    raise UserError(f"data set {name!r} has no split {split!r}; it has {there}.")
  return infos[split]


def load_prepared(name: str, split: str, directory: str | None) -> Prepared:
  """Reads one split of a prepared set into memory, in record order.

  Args:
    name: the name it was prepared under.
    split: "train", "validation" or "test".
    directory: data directory; None as for `data_dir`.

  Raises:
    UserError: as for `split_info`, or data that no longer match the fingerprint taken when they
      were written.
  """
  info = split_info(name, split, directory)
  location = set_dir(data_dir(directory), name)
  try:
    columns = _read_columns(location, split)
  except (tf.errors.OpError, OSError, ValueError) as error:
    raise UserError(_damaged(name, location)) from error
  prepared = Prepared(
    images=columns["image"],
    labels=columns["label"].astype(np.int32),
    class_names=info.class_names,
    subjects=tuple(text.decode() for text in columns["subject"]),
    sources=tuple(text.decode() for text in columns["source"]),
    action_units=columns.get("action_units"),
    fingerprint=fingerprint(columns["image"], columns["label"]),
  )
  if prepared.fingerprint != info.fingerprint:
    raise UserError(_damaged(name, location))
  return prepared


def _read_columns(location: pathlib.Path, split: str) -> dict[str, np.ndarray]:
  builder = tfds.builder_from_directory(str(location))
  dataset = builder.as_dataset(
    split=split,
    batch_size=1024,
    shuffle_files=False,
    read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
  )
  batches = list(dataset.as_numpy_iterator())
  return {key: np.concatenate([batch[key] for batch in batches]) for key in batches[0]}


def _not_prepared(name: str, root: pathlib.Path, directory: str | None) -> str:
  where = f" --data-dir={directory}" if directory else ""
  kind = name if name in KINDS else "folder"
  command = f"python -m dcgan_jax.prepare {kind}"
  rename = "" if kind == name else f" --name={name}"
  source = "" if kind == "synthetic" else " --source=PATH"
  lines = [
    f"data set {name!r} is not prepared in {root}.",
    f"Prepare it:   {command}{source}{rename}{where}",
  ]
  if kind in ("fer2013", "ckplus"):
    lines.append(f"or fetch it:  {command} --download{rename}{where}")
  there = sorted(p.parent.parent.name for p in root.glob(f"*/{VERSION}/{REPORT}"))
  if there:
    lines.append(f"Prepared there: {', '.join(there)}.")
  return "\n".join(lines)


def _damaged(name: str, location: pathlib.Path) -> str:
  return (
    f"data set {name!r} in {location} is damaged: it does not read back as it was written.\n"
    "Prepare it again with --overwrite."
  )
