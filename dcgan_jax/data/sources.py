"""Raw downloads as streams of faces: which layout a source has, and how each is read."""

import functools
import pathlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

from dcgan_jax.data import celeba, csv_rows, haar, labels, synthetic
from dcgan_jax.data.archives import Opener, Tree, open_tree, read_bytes
from dcgan_jax.data.decode import ItemError, decode_image
from dcgan_jax.data.items import (
  Item,
  Source,
  image_items,
  images_in,
  nothing_in,
  passed_over,
  refusals,
)
from dcgan_jax.data.records import FACE_SHAPE, UNLABELLED, Face, Shape
from dcgan_jax.errors import UserError


@dataclass(frozen=True)
class _Kind:
  """How one of the known emotion sets is published."""

  csv_classes: tuple[str, ...]
  folder_classes: tuple[str, ...]
  csv_files: tuple[str, ...]  # which to take where several would do
  csv_rows: int
  subject_of: Callable[[str], str]


_KINDS = {
  "fer2013": _Kind(
    labels.FER_CLASSES,
    labels.FER_CLASSES,
    ("fer2013.csv", "icml_face_data.csv"),
    35_887,
    lambda name: "",
  ),
  "ckplus": _Kind(
    labels.CKPLUS_CSV_CLASSES,
    labels.CKPLUS_FOLDER_CLASSES,
    ("ckextended.csv",),
    920,
    labels.subject_of,
  ),
}


def open_source(kind: str, path: pathlib.Path, shape: Shape = FACE_SHAPE) -> Source:
  """Finds out a source's layout without reading its images.

  Args:
    kind: "fer2013" or "ckplus" (a CSV, or emotion folders); "folder", "faces" or "celeba" (images).
    path: a CSV, a folder, a zip, or a tar.
    shape: what images of the last three kinds become; the others are 48×48×1.

  Raises:
    UserError: nothing there, nothing usable in it, a damaged archive or CSV, or no OpenCV where
      faces are to be found.
  """
  tree = open_tree(path)
  if kind in _KINDS:
    return _emotion_set(path, tree, kind)
  if tree is None:
    raise UserError(f"source {path} is neither a folder, a zip nor a tar.")
  if not images_in(tree) and not tree.refused:
    raise nothing_in(tree, "no images")
  if kind == "celeba":
    return celeba.open_celeba(tree, shape)
  return _found_faces(tree, shape) if kind == "faces" else _image_folder(tree, shape)


def rendered_source(seed: int, num: int) -> Source:
  """The built-in faces 0 … num − 1 of a seed; the last tenth of them is test, the rest train."""
  held_out = num - num // 10

  def items() -> Iterator[Item]:
    for start in range(0, num, 256):
      faces = synthetic.render(seed, start, min(start + 256, num))
      for index, (image, label, units) in enumerate(zip(*faces, strict=True), start=start):
        split = "train" if index < held_out else "test"
        face = Face(f"image {index}", image, int(label), split, action_units=units)
        yield f"image {index}", lambda face=face: face  # type: ignore[misc]

  return Source(synthetic.EXPRESSIONS, items(), num, by_name=False)


def _emotion_set(path: pathlib.Path, tree: Tree | None, kind: str) -> Source:
  known = _KINDS[kind]
  if tree is None:
    _check_looks_like_text(path)
    return _csv_source(lambda: path.open("rb"), path.name, known)
  images = images_in(tree)
  csvs = [name for name in tree.names if name.lower().endswith(".csv")]
  if placed := [name for name in images if labels.place_of(name, known.folder_classes)]:
    _check_only_images(tree, placed[0], csvs)
    return _emotion_folders(tree, images, known)
  if csvs:
    chosen = _choose_csv(tree, csvs, known)
    return _csv_source(functools.partial(tree.open, chosen), chosen, known, refusals(tree))
  if images and not tree.refused:
    reason = labels.no_emotion_folder(images[0], known.folder_classes)
    raise UserError(f"{path}, {images[0]}: {reason}.")
  if tree.refused:
    return Source(known.folder_classes, refusals(tree), len(tree.refused), by_name=True)
  columns = ",".join(csv_rows.COLUMNS)
  raise nothing_in(tree, "no CSV and no images", f"a CSV ({columns}) or emotion folders of ")


def _emotion_folders(tree: Tree, images: list[str], kind: _Kind) -> Source:
  classes = kind.folder_classes
  images, notes = _without_mirror(images, classes)

  def face(name: str, opener: Opener) -> Face:
    place = labels.place_of(name, classes)
    if place is None:
      raise labels.no_emotion_folder(name, classes)
    image = decode_image(read_bytes(opener))
    return Face(name, image, place.label, place.split, kind.subject_of(name))

  notes += passed_over(tree)
  return Source(classes, image_items(tree, images, face), len(images), True, notes)


def _image_folder(tree: Tree, shape: Shape) -> Source:
  images = images_in(tree)
  top = labels.common_top(images)
  folders = {labels.class_folder(name, top)[1] for name in images}
  classes = tuple(sorted(folder for folder in folders if folder is not None))
  if odd := [folder for folder in classes if not folder.isprintable()]:
    raise UserError(f"{tree.path}: folder {odd[0]!r} cannot name a class; rename it.")

  def face(name: str, opener: Opener) -> Face:
    split, folder = labels.class_folder(name, top)
    image = decode_image(read_bytes(opener), shape)
    return Face(name, image, labels.label_in(classes, folder), split)

  return Source(classes, image_items(tree, images, face), len(images), True, passed_over(tree))


def _found_faces(tree: Tree, shape: Shape) -> Source:
  """The faces that are found in pictures; folders name splits, and no classes."""
  finder = haar.FaceFinder()  # before anything is read: OpenCV may be missing
  images = images_in(tree)
  top = labels.common_top(images)

  def face(name: str, opener: Opener) -> Face:
    image = finder.crop(read_bytes(opener), shape)
    return Face(name, image, UNLABELLED, labels.class_folder(name, top)[0])

  notes = [finder.description, *passed_over(tree)]
  return Source((), image_items(tree, images, face), len(images), True, notes)


def _csv_source(
  opened: Callable[[], AbstractContextManager[IO[bytes]]],
  file: str,
  kind: _Kind,
  refused: Iterable[Item] = (),
) -> Source:
  def items() -> Iterator[Item]:
    yield from refused
    with opened() as stream:
      columns, rows = csv_rows.read_rows(stream, file)
      for row in rows:
        yield f"{file}, row {row.number}", functools.partial(face, row, columns)

  def face(row: csv_rows.Row, columns: dict[str, int]) -> Face:
    try:
      return csv_rows.face_of(row, columns, len(kind.csv_classes))
    except ItemError as error:
      if row.is_last and row.number < kind.csv_rows:
        error.hint = (
          f"The file may be cut short: it has {row.number - 1:,} rows before this, its last, "
          f"of the {kind.csv_rows:,} published."
        )
      raise

  return Source(kind.csv_classes, items(), total=None, by_name=False, notes=[f"read from {file}"])


def _choose_csv(tree: Tree, names: list[str], kind: _Kind) -> str:
  """The CSV that has all columns; of several, the one with a published name."""
  there = {name: _wanted_columns(tree, name) for name in names}
  whole = [name for name in names if there[name] == len(csv_rows.COLUMNS)]
  for published in kind.csv_files:
    if named := [name for name in whole if name.rpartition("/")[2].lower() == published]:
      return named[0]
  if len(whole) > 1:
    raise UserError(
      f"{tree.path}: {len(whole)} CSVs have the columns {','.join(csv_rows.COLUMNS)}: "
      f"{', '.join(whole[:5])}.\nUnpack it and name the one you mean with --source."
    )
  # None is whole: the closest gives the message about its missing column.
  return whole[0] if whole else max(names, key=lambda name: there[name])


def _wanted_columns(tree: Tree, name: str) -> int:
  """How many of the columns that are needed a CSV has."""
  with tree.open(name) as stream:
    header = {column.lower() for column in csv_rows.header_of(stream)}
  return len({column.lower() for column in csv_rows.COLUMNS} & header)


def _check_only_images(tree: Tree, image: str, csvs: list[str]) -> None:
  """Refuses a source with the set in it twice, as folders and as a CSV: which one is meant?"""
  for name in csvs:
    if _wanted_columns(tree, name) == len(csv_rows.COLUMNS):
      raise UserError(
        f"{tree.path}: {name} has the columns {','.join(csv_rows.COLUMNS)}, and {image} lies in "
        "an emotion folder.\nName the one you mean with --source; unpack an archive before."
      )


def _without_mirror(images: list[str], classes: tuple[str, ...]) -> tuple[list[str], list[str]]:
  """Leaves out `images/images/…` where it repeats `images/…`, as some downloads do.

  Returns:
    The names to read, and a note for each folder left out.
  """
  trees: dict[str, set[str]] = {}
  for name in images:
    if place := labels.place_of(name, classes):
      trees.setdefault(place.above, set()).add(place.below)
  mirrors = {
    top
    for top, inside in trees.items()
    for outer in [top.rpartition("/")[0]]
    if outer in trees and top.split("/")[-2:-1] == top.split("/")[-1:] and inside <= trees[outer]
  }
  kept = [name for name in images if not any(name.startswith(top + "/") for top in mirrors)]
  return kept, [f"left out {top}: it repeats the folder above it" for top in sorted(mirrors)]


def _check_looks_like_text(path: pathlib.Path) -> None:
  with path.open("rb") as stream:
    if b"\0" in stream.read(4096):
      raise UserError(
        f"{path}: neither a CSV, a folder, a zip nor a tar.\n"
        "Unpack other archives first and name the folder."
      )
