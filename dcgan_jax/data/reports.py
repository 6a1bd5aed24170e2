"""What is known of a prepared data set without reading its images.

A prepared set is the folder `<data dir>/<name>/<version>` that TFDS wrote, with our `report.json`
in it, and a .npy and an .npz for each split. It appears there by one rename when everything in it
is written, so a set is either whole or absent.
"""

import json
import os
import pathlib
from dataclasses import dataclass
from typing import Any

import platformdirs

from dcgan_jax.data.records import FACE_SHAPE, KINDS, Shape
from dcgan_jax.errors import UserError

# Of what a set's folder holds: sets of another version are not found, and prepared anew beside it.
VERSION = "1.1.0"
REPORT = "report.json"


@dataclass(frozen=True)
class SplitInfo:
  """What a prepared set's report says of one split.

  Attributes:
    fingerprint: of its images and labels, see `dcgan_jax.data.fingerprint`.
    num_images: how many there are.
    class_names: by label; empty for an unlabelled set.
    image_shape: height, width and channels of each.
  """

  fingerprint: str
  num_images: int
  class_names: tuple[str, ...]
  image_shape: Shape = FACE_SHAPE


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
  except (OSError, ValueError, RecursionError) as error:
    raise damaged(directory.parent.name, directory) from error
  return report


def split_info(name: str, split: str, directory: str | None) -> SplitInfo:
  """What is known of one split from the set's report alone.

  Args:
    name: the name it was prepared under.
    split: "train", "validation" or "test".
    directory: data directory; None as for `data_dir`.

  Raises:
    UserError: not prepared (names the command that prepares it), no such split (names those
      there are), or a report that is damaged.
  """
  infos = _infos(name, directory)
  if split not in infos:
    there = ", ".join(f"{key} ({one.num_images:,} images)" for key, one in infos.items())
    raise UserError(f"data set {name!r} has no split {split!r}; it has {there}.")
  return infos[split]


def split_names(name: str, directory: str | None) -> tuple[str, ...]:
  """The splits that a prepared set has. Arguments and errors as for `split_info`."""
  return tuple(_infos(name, directory))


def image_shape(report: dict[str, Any]) -> Shape:
  """Height, width and channels of a set's images.

  Raises:
    KeyError: the report lacks them.
    TypeError: what is there is no list.
    ValueError: it has not three entries.
  """
  height, width, channels = report["image_shape"]
  return height, width, channels


def damaged(name: str, location: pathlib.Path) -> UserError:
  """The error to raise where a set does not read back as it was written."""
  return UserError(
    f"data set {name!r} in {location} is damaged: it does not read back as it was written.\n"
    "Prepare it again with --overwrite."
  )


def _infos(name: str, directory: str | None) -> dict[str, SplitInfo]:
  root = data_dir(directory)
  location = set_dir(root, name)
  if not is_complete(location):
    raise UserError(_not_prepared(name, root, directory))
  report = read_report(location)
  try:
    names, shape = tuple(report["class_names"]), image_shape(report)
    return {
      split: SplitInfo(one["fingerprint"], one["images"], names, shape)
      for split, one in report["splits"].items()
    }
  except (KeyError, TypeError, ValueError, AttributeError) as error:  # JSON, but no longer a report
    raise damaged(name, location) from error


def _not_prepared(name: str, root: pathlib.Path, directory: str | None) -> str:
  where = f" --data-dir={directory}" if directory else ""
  # Sets are often called after their kind: faces64, fer2013_clean.
  kind = next((kind for kind in KINDS if name.startswith(kind)), "folder")
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
