"""The prepared data sets, and whether they can be trained on."""

import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any

from dcgan_jax.checkup.finding import Finding, State, absent, good, wrong
from dcgan_jax.checkup.prepare_again import prepare_again
from dcgan_jax.data import column_file, pixel_file, reports
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError
from dcgan_jax.files import check_file
from dcgan_jax.quantities import bytes_text

# So many bytes of pixels are read and compared with their fingerprint; of more, only files' sizes.
_READ = 2**28


def findings(data_dir: str | None) -> Iterator[Finding]:
  """The folder, then every set in it.

  Raises:
    UserError: the data directory is a URL.
  """
  root = reports.data_dir(data_dir)
  yield _folder(root, data_dir)
  sets = [_finding(folder, data_dir) for folder in _sets(root)]
  yield from sets
  if not any(one.state is State.GOOD for one in sets):
    fix = prepare_again("synthetic", None, data_dir, overwrite=False)
    detail = "none that is whole; the built-in faces need no download"
    yield wrong("a data set", detail, fix, vital=True)


def labelled(data_dir: str | None) -> list[str]:
  """The names of the sets that a classifier can learn from."""
  names = []
  for folder in _sets(reports.data_dir(data_dir)):
    try:
      if reports.split_info(folder.name, "train", data_dir).class_names:
        names.append(folder.name)
    except UserError:
      continue
  return names


def _folder(root: pathlib.Path, data_dir: str | None) -> Finding:
  by = "--data-dir" if data_dir else "the user's cache"
  if not data_dir and os.environ.get("DCGAN_JAX_DATA"):
    by = "$DCGAN_JAX_DATA"
  if not root.is_dir():
    return absent("folder", f"{root} ({by}) is not there yet")
  return good("folder", f"{root} ({by})")


def _sets(root: pathlib.Path) -> list[pathlib.Path]:
  """The folders that hold a set of ours, in any version; TFDS's own may lie beside them."""
  if not root.is_dir():
    return []
  folders = [folder for folder in sorted(root.iterdir()) if not folder.name.startswith(".")]
  return [folder for folder in folders if any(map(_is_ours, _versions(folder)))]


def _versions(folder: pathlib.Path) -> list[pathlib.Path]:
  """The versions of a set, oldest first."""
  found = [one for one in folder.glob("*.*.*") if re.fullmatch(r"\d+\.\d+\.\d+", one.name)]
  return sorted(found, key=lambda one: [int(part) for part in one.name.split(".")])


def _is_ours(version: pathlib.Path) -> bool:
  return (version / reports.REPORT).exists() or (version / pixel_file.name("train")).exists()


def _finding(folder: pathlib.Path, data_dir: str | None) -> Finding:
  name, location = folder.name, folder / reports.VERSION
  if not location.is_dir():
    older = _versions(folder)[-1]
    fix = prepare_again(name, _report(older), data_dir, overwrite=False)
    return wrong(name, f"version {older.name}, of another dcgan_jax; this one needs another", fix)
  try:
    return good(name, _described(name, data_dir))
  except Exception as error:  # whatever somebody's files make of a reader
    missing = "" if reports.is_complete(location) else ": files are missing"
    told = missing or ("" if isinstance(error, UserError) else f": {type(error).__name__}")
    fix = prepare_again(name, _report(location), data_dir, overwrite=True)
    return wrong(name, f"damaged{told}", fix)


def _described(name: str, data_dir: str | None) -> str:
  """Splits, shape, classes and size of a set that is whole.

  Raises:
    UserError, OSError, ValueError: it is not.
  """
  location = reports.set_dir(reports.data_dir(data_dir), name)
  infos = {
    split: reports.split_info(name, split, data_dir)
    for split in reports.split_names(name, data_dir)
  }
  size = sum(_check_split(location, split, info) for split, info in infos.items())
  if size <= _READ:
    for split in infos:
      load_prepared(name, split, data_dir)
  info = next(iter(infos.values()))
  (height, width, channels), classes = info.image_shape, info.class_names
  splits = ", ".join(f"{split} {one.num_images:,}" for split, one in infos.items())
  colour = "colour" if channels == 3 else "gray"
  labels = f"{len(classes)} classes" if classes else "without labels"
  return f"{splits} images of {height}×{width}, {colour}, {labels}; {bytes_text(size)} of pixels"


def _check_split(location: pathlib.Path, split: str, info: reports.SplitInfo) -> int:
  """Looks at a split's files without reading the pixels, and returns their bytes."""
  pixels, columns = location / pixel_file.name(split), location / column_file.name(split)
  for file in (pixels, columns):
    check_file(file)
  size = pixel_file.mapped(pixels, info.num_images, info.image_shape).nbytes
  column_file.read(columns, info.num_images)
  return size


def _report(version: pathlib.Path) -> dict[str, Any] | None:
  try:
    check_file(version / reports.REPORT)
    return reports.read_report(version)
  except (UserError, OSError):
    return None
