"""Images to be read as items: each with its name for messages and the function that reads it."""

import functools
import pathlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dcgan_jax.data.archives import Opener, Tree
from dcgan_jax.data.decode import EXTENSIONS, ItemError
from dcgan_jax.data.records import Face
from dcgan_jax.errors import UserError

# An item as messages name it, and the function that reads it: a Face, or an ItemError or
# UnsuitableError raised.
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


def images_in(tree: Tree) -> list[str]:
  """The names of a tree that end as images do."""
  return [name for name in tree.names if name.lower().endswith(EXTENSIONS)]


def passed_over(tree: Tree, read: str | None = None) -> list[str]:
  """A note on the files that do not end as images do: how many, by their ending; else none.

  Args:
    tree: the source.
    read: the one of them that was read all the same.
  """
  others = [name for name in tree.names if not name.lower().endswith(EXTENSIONS) and name != read]
  if not others:
    return []
  endings = Counter(pathlib.PurePosixPath(name).suffix.lower() for name in others)
  shown = [f"{count:,} {ending or 'without ending'}" for ending, count in endings.most_common(5)]
  more = ["others"] if len(endings) > 5 else []
  return [f"passed over files that are no images: {', '.join(shown + more)}"]


def image_items(
  tree: Tree, images: list[str], face: Callable[[str, Opener], Face]
) -> Iterator[Item]:
  """What the tree refused, each a bad item; then its images, each read by `face`."""
  yield from refusals(tree)
  for name, opener in tree.files(set(images)):
    yield _shown(tree, name), functools.partial(face, name, opener)


def refusals(tree: Tree) -> list[Item]:
  """The members that a tree refused, as items that cannot be read."""

  def refuse(reason: str) -> Face:
    raise ItemError(reason)

  return [
    (f"{tree.path.name}, member {name!r}", functools.partial(refuse, reason))
    for name, reason in sorted(tree.refused.items())
  ]


def nothing_in(tree: Tree, what: str, wanted: str = "") -> UserError:
  """The error to raise where a tree holds nothing of use: `what` it lacks, and what is wanted."""
  found = f"{len(tree.names):,} other files" if tree.names else "it is empty"
  images = f"images ({' '.join(EXTENSIONS)})"
  return UserError(f"{tree.path}: {what} ({found}).\nExpected {wanted}{images}.")


def _shown(tree: Tree, name: str) -> str:
  return f"{tree.path}/{name}" if tree.path.is_dir() else f"{tree.path.name}, {name}"
