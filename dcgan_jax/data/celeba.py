"""CelebA (Liu et al. 2015) from its pictures, with the published splits where their list is there.

The sources say of their CelebA images only that they are 64×64×3. Here the middle square of each
aligned picture (178×178 of 178×218) is resized with an antialiased bicubic filter. The usual
recipe, shorter side to 64 and then the middle 64×64, shows the same part of the picture, mostly
with a bilinear filter; crops to the middle 108 or 140 pixels show less of it. Scores compare only
between equal crops.
"""

import io
import pathlib
import re
from collections.abc import Iterable, Iterator
from typing import IO

from dcgan_jax.data.archives import Opener, Tree, read_bytes
from dcgan_jax.data.decode import ItemError, decode_image
from dcgan_jax.data.items import Source, image_items, images_in, passed_over
from dcgan_jax.data.records import SPLITS, UNLABELLED, Face, Shape
from dcgan_jax.errors import UserError

# The authors' name first; the copy on Kaggle has a CSV.
LISTS = ("list_eval_partition.txt", "list_eval_partition.csv")
_LONGEST_LINE = 1000  # characters; what is longer is taken for several lines


def open_celeba(tree: Tree, shape: Shape) -> Source:
  """CelebA's pictures, unlabelled, in the splits of their list; all train without one.

  Args:
    tree: has the pictures, in whatever folders.
    shape: what they become.

  Raises:
    UserError: a list that is not as published.
  """
  images = images_in(tree)
  found = _read_list(tree)
  if found is None:
    notes = [f"all is train: {LISTS[0]} lies neither in the source nor beside it"]
    where = splits = None
  else:
    where, splits = found
    absent = len(splits.keys() - {_stem(name) for name in images})
    missing = f"; {absent:,} of the pictures it names are not here" if absent else ""
    notes = [f"splits from {where}{missing}"]
  notes += passed_over(tree, read=where)

  def face(name: str, opener: Opener) -> Face:
    split = "train" if splits is None else splits.get(_stem(name))
    if split is None:
      raise ItemError(f"the list of splits does not name {_stem(name)!r}")
    return Face(name, decode_image(read_bytes(opener), shape), UNLABELLED, split)

  return Source((), image_items(tree, images, face), len(images), True, notes)


def list_beside(source: pathlib.Path) -> pathlib.Path | None:
  """The list of splits near a source, as CelebA's own folders (Img/, Eval/) have it, or None."""
  above = source.resolve().parent
  folders = (above, above / "Eval", above.parent / "Eval")
  paths = (folder / file for folder in folders for file in LISTS)
  return next((path for path in paths if path.is_file()), None)


def read_list(lines: Iterable[str], file: str) -> dict[str, str]:
  """Splits by picture, from lines such as `000001.jpg 0`: 0 train, 1 validation, 2 test.

  Args:
    lines: fields are separated by spaces or a comma; a header is passed over.
    file: its name, for messages.

  Returns:
    Picture's name without extension → split; the pictures may have become PNGs.

  Raises:
    UserError: names the first line that says something else, or an empty list.
  """
  splits = {}
  for number, line in enumerate(lines, start=1):
    fields = re.split(r"[\s,]+", line.strip())
    if fields == [""] or (number == 1 and fields[0] == "image_id"):
      continue
    if len(fields) != 2 or fields[1] not in ("0", "1", "2"):
      raise UserError(
        f"{file}, line {number:,}: {line.strip()[:40]!r}, expected a picture and 0, 1 or 2.\n"
        "Fetch or copy the list again; without it all pictures are train."
      )
    splits[_stem(fields[0])] = SPLITS[int(fields[1])]
  if not splits:
    raise UserError(f"{file}: the list is empty.\nFetch or copy it again.")
  return splits


def _read_list(tree: Tree) -> tuple[str, dict[str, str]] | None:
  """The list in the tree, else beside it: where it was, and what it says."""
  inside = {name.rpartition("/")[2]: name for name in reversed(tree.names)}
  for file in LISTS:
    if file in inside:
      with tree.open(inside[file]) as stream:
        text = io.TextIOWrapper(stream, "utf-8", errors="replace")
        return inside[file], read_list(_lines(text), inside[file])
  beside = list_beside(tree.path)
  if beside is None:
    return None
  with beside.open(encoding="utf-8", errors="replace") as lines:
    return str(beside), read_list(_lines(lines), str(beside))


def _lines(text: IO[str]) -> Iterator[str]:
  return iter(lambda: text.readline(_LONGEST_LINE), "")


def _stem(name: str) -> str:
  return pathlib.PurePosixPath(name).stem
