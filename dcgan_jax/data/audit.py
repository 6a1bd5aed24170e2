"""What is wrong with a set of images, by their pixels: copies, leaks, label conflicts, blanks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dcgan_jax.data.records import SPLITS, UNLABELLED, Record


@dataclass(frozen=True)
class Audit:
  """Figures over images that are equal pixel by pixel; a group is two or more equal images.

  Attributes:
    images: how many were looked at.
    redundant: copies beyond the first of each group.
    groups: the groups, each in the order its images were given.
    cross_split_groups: groups with images in more than one split.
    cross_split_images: by split, images that an earlier split (train, validation, test) has too.
    conflicting_groups: groups with more than one label.
    constant: images whose pixels are all of one value.
  """

  images: int
  redundant: int
  groups: list[list[Record]]
  cross_split_groups: int
  cross_split_images: dict[str, int]
  conflicting_groups: int
  constant: list[Record]


def audit(records: Iterable[Record]) -> Audit:
  """Compares all images by the digests of their pixels."""
  by_digest: dict[bytes, list[Record]] = {}
  images = 0
  for record in records:
    images += 1
    by_digest.setdefault(record.digest, []).append(record)
  groups = [group for group in by_digest.values() if len(group) > 1]
  leaked: Counter[str] = Counter()
  for group in groups:
    first = min(SPLITS.index(record.split) for record in group)
    leaked.update(record.split for record in group if SPLITS.index(record.split) > first)
  return Audit(
    images=images,
    redundant=sum(len(group) - 1 for group in groups),
    groups=groups,
    cross_split_groups=sum(crosses_splits(group) for group in groups),
    cross_split_images={split: leaked[split] for split in SPLITS if leaked[split]},
    conflicting_groups=sum(has_conflict(group) for group in groups),
    constant=[r for members in by_digest.values() for r in members if r.constant],
  )


def crosses_splits(group: list[Record]) -> bool:
  """Whether equal images lie in more than one split."""
  return len({record.split for record in group}) > 1


def has_conflict(group: list[Record]) -> bool:
  """Whether equal images bear more than one label; unlabelled ones contradict nobody."""
  return len({record.label for record in group} - {UNLABELLED}) > 1


def without_constant(records: list[Record]) -> list[Record]:
  """Leaves out images whose pixels are all of one value."""
  return [record for record in records if not record.constant]


def without_duplicates(records: list[Record]) -> list[Record]:
  """Keeps one of each group of equal images, whatever their labels; the order stays.

  The first in train stays, else the first in validation, else in test: no image is left on both
  sides of a split, training loses nothing but repetition, and held-out images were never trained
  on.
  """
  kept: dict[bytes, Record] = {}
  for split in SPLITS:
    for record in records:
      if record.split == split:
        kept.setdefault(record.digest, record)
  return [record for record in records if kept[record.digest] is record]


def counts(records: Iterable[Record], class_names: tuple[str, ...]) -> dict[str, dict[str, int]]:
  """Images by split, then by class in label order, with 'unlabelled' last where there are any."""
  tally = Counter((record.split, record.label) for record in records)
  named = [*enumerate(class_names), (UNLABELLED, "unlabelled")]
  return {
    split: {
      name: tally[split, label]
      for label, name in named
      if label != UNLABELLED or tally[split, label]
    }
    for split in SPLITS
    if any(key[0] == split for key in tally)
  }


def group_listing(found: Audit) -> list[dict[str, Any]]:
  """Every group with its images' split, label and source, JSON-able."""
  return [
    {
      "across_splits": crosses_splits(group),
      "conflicting_labels": has_conflict(group),
      "images": [{"split": r.split, "label": r.label, "source": r.source} for r in group],
    }
    for group in found.groups
  ]
