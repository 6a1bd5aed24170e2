"""Raw downloads as streams of faces: which layout a source has, and how each is read."""

import functools
import pathlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO

from dcgan_jax.data import csv_rows, labels, synthetic
from dcgan_jax.data.archives import Opener, Tree, open_tree, read_bytes
from dcgan_jax.data.decode import EXTENSIONS, ItemError, decode_image
from dcgan_jax.data.records import Face
from dcgan_jax.errors import UserError

# An item as messages name it, and the function that reads it: a Face, or an ItemError raised.
Item = tuple[str, Callable[[], Face]]


@dataclass
class Source:
  """A raw data set that is about to be read, once.

  Attributes:
    class_names: by label; empty for unlabelled images.
    items: lazily, in the order that is cheapest to read.
    total: how many items there are, or None where only reading tells.
    by_name: whether records are to be sorted by name (files), or are in order already (rows).
    notes: what was noticed about the layout, for the report.
  """

  class_names: tuple[str, ...]
  items: Iterable[Item]
  total: int | None
  by_name: bool
  notes: list[str] = field(default_factory=list)


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


def open_source(kind: str, path: pathlib.Path) -> Source:
  """Finds out a source's layout without reading its images.

  Args:
    kind: "fer2013" or "ckplus" (a CSV, or emotion folders), or "folder" (any images).
    path: a CSV, a folder, a zip, or a tar.

  Raises:
    UserError: nothing there, nothing usable in it, or a damaged archive or CSV.
  """
  tree = open_tree(path)
  if kind == "folder":
    if tree is None:
      raise UserError(f"source {path} is neither a folder, a zip nor a tar.")
    return _image_folder(tree)
  known = _KINDS[kind]
  if tree is None:
    _check_looks_like_text(path)
    return _csv_source(lambda: path.open("rb"), path.name, known)
  images = _images(tree)
  if any(labels.place_of(name, known.folder_classes) for name in images):
    return _emotion_folders(tree, images, known)
  if csvs := [name for name in tree.names if name.lower().endswith(".csv")]:
    chosen = _choose_csv(tree, csvs, known)
    return _csv_source(functools.partial(tree.open, chosen), chosen, known, _refusals(tree))
  if images and not tree.refused:
    reason = labels.no_emotion_folder(images[0], known.folder_classes)
    raise UserError(f"{path}, {images[0]}: {reason}.")
  if tree.refused:
    return Source(known.folder_classes, _refusals(tree), len(tree.refused), by_name=True)
  raise _nothing_in(tree, "no CSV and no images", kind)


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


def _emotion_folders(tree: Tree, images: list[str], kind: _Kind) -> Source:
  classes = kind.folder_classes
  images, notes = _without_mirror(images, classes)

  def face(name: str, opener: Opener) -> Face:
    place = labels.place_of(name, classes)
    if place is None:
      raise labels.no_emotion_folder(name, classes)
    image = decode_image(read_bytes(opener))
    return Face(name, image, place.label, place.split, kind.subject_of(name))

  return Source(classes, _tree_items(tree, images, face), len(images), True, notes)


def _image_folder(tree: Tree) -> Source:
  images = _images(tree)
  if not images and not tree.refused:
    raise _nothing_in(tree, "no images", "folder")
  top = labels.common_top(images)
  folders = {labels.class_folder(name, top)[1] for name in images}
  classes = tuple(sorted(folder for folder in folders if folder is not None))
  if odd := [folder for folder in classes if not folder.isprintable()]:
    raise UserError(f"{tree.path}: folder {odd[0]!r} cannot name a class; rename it.")

  def face(name: str, opener: Opener) -> Face:
    split, folder = labels.class_folder(name, top)
    return Face(name, decode_image(read_bytes(opener)), labels.label_in(classes, folder), split)

  return Source(classes, _tree_items(tree, images, face), len(images), True)


def _tree_items(
  tree: Tree, images: list[str], face: Callable[[str, Opener], Face]
) -> Iterator[Item]:
  yield from _refusals(tree)
  for name, opener in tree.files(set(images)):
    yield _shown(tree, name), functools.partial(face, name, opener)


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
  headers = {}
  for name in names:
    with tree.open(name) as stream:
      headers[name] = {column.lower() for column in csv_rows.header_of(stream)}
  wanted = {column.lower() for column in csv_rows.COLUMNS}
  whole = [name for name in names if wanted <= headers[name]]
  for published in kind.csv_files:
    if named := [name for name in whole if name.rpartition("/")[2].lower() == published]:
      return named[0]
  if len(whole) > 1:
    raise UserError(
      f"{tree.path}: {len(whole)} CSVs have the columns {','.join(csv_rows.COLUMNS)}: "
      f"{', '.join(whole[:5])}.\nUnpack it and name the one you mean with --source."
    )
  # None is whole: the closest gives the message about its missing column.
  return whole[0] if whole else max(names, key=lambda name: len(wanted & headers[name]))


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


def _refusals(tree: Tree) -> list[Item]:
  def refuse(reason: str) -> Face:
    raise ItemError(reason)

  return [
    (f"{tree.path.name}, member {name!r}", functools.partial(refuse, reason))
    for name, reason in sorted(tree.refused.items())
  ]


def _images(tree: Tree) -> list[str]:
  return [name for name in tree.names if name.lower().endswith(EXTENSIONS)]


def _shown(tree: Tree, name: str) -> str:
  return f"{tree.path}/{name}" if tree.path.is_dir() else f"{tree.path.name}, {name}"


def _nothing_in(tree: Tree, what: str, kind: str) -> UserError:
  found = f"{len(tree.names):,} other files" if tree.names else "it is empty"
  wanted = f"images ({' '.join(EXTENSIONS)})"
  if kind != "folder":
    wanted = f"a CSV ({','.join(csv_rows.COLUMNS)}) or emotion folders of {wanted}"
  return UserError(f"{tree.path}: {what} ({found}).\nExpected {wanted}.")


def _check_looks_like_text(path: pathlib.Path) -> None:
  with path.open("rb") as stream:
    if b"\0" in stream.read(4096):
      raise UserError(
        f"{path}: neither a CSV, a folder, a zip nor a tar.\n"
        "Unpack other archives first and name the folder."
      )
