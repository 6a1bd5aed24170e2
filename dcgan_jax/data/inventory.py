"""The report of a preparation: as JSON beside the data, and as the table at the end of a run."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from dcgan_jax.data import audit
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.records import Record, Skipped
from dcgan_jax.data.reports import REPORT, VERSION
from dcgan_jax.data.spool import Spool
from dcgan_jax.waiting import counted

GROUPS = "duplicates.json"
DROPPED = "dropped.json"
SCHEMA = 1


@dataclass(frozen=True)
class Outcome:
  """What a preparation read, and what it keeps of it.

  Attributes:
    class_names: by label.
    found: the audit of everything read.
    kept: what goes into the set, in order.
    dropped: how many images each --drop option took out.
    unsuitable: pictures that were read, and left out for what they show.
    skipped: items that could not be read.
    notes: what the source noticed about its layout.
  """

  class_names: tuple[str, ...]
  found: audit.Audit
  kept: list[Record]
  dropped: dict[str, int]
  unsuitable: list[Skipped]
  skipped: list[Skipped]
  notes: list[str]


def describe(
  name: str, kind: str, options: dict[str, Any], outcome: Outcome, spool: Spool
) -> dict[str, Any]:
  """The report as a JSON-able dict.

  `images` and `splits` tell of what was prepared; `read` and the figures on duplicates, conflicts
  and constants tell of everything that was read, before --drop-duplicates and --drop-constant;
  `read` counts pictures without a usable face too.
  """
  found, kept = outcome.found, outcome.kept
  by_class = audit.counts(kept, outcome.class_names)
  return {
    "schema": SCHEMA,
    "name": name,
    "kind": kind,
    "version": VERSION,
    "options": options,
    "image_shape": list(spool.shape),
    "class_names": list(outcome.class_names),
    "images": len(kept),
    "splits": {
      split: _describe_split(split, classes, [r for r in kept if r.split == split], spool)
      for split, classes in by_class.items()
    },
    "read": found.images + len(outcome.unsuitable),
    "duplicates": {"redundant_copies": found.redundant, "groups": len(found.groups)},
    "duplicates_across_splits": {
      "groups": found.cross_split_groups,
      "images": sum(found.cross_split_images.values()),
      "images_by_split": found.cross_split_images,
    },
    "conflicting_labels": {"groups": found.conflicting_groups},
    "constant": {
      "images": len(found.constant),
      "sources": [f"{r.split}: {r.source}" for r in found.constant],
    },
    "dropped": outcome.dropped | Counter(one.reason for one in outcome.unsuitable),
    "skipped": _listing(outcome.skipped),
    "notes": outcome.notes,
  }


def companions(report: dict[str, Any], outcome: Outcome) -> dict[str, str]:
  """The files beside the data: the report, all groups of copies, and what was left out by name."""
  listings: dict[str, list[Any]] = {GROUPS: audit.group_listing(outcome.found)}
  if outcome.unsuitable:
    listings[DROPPED] = _listing(outcome.unsuitable)
  texts = {file: json.dumps(one, indent=1, ensure_ascii=False) for file, one in listings.items()}
  texts[REPORT] = json.dumps(report, indent=2, ensure_ascii=False)
  return {file: text + "\n" for file, text in texts.items()}


def table(report: dict[str, Any]) -> str:
  """The report for a reader: counts by class and split, then what is wrong with the data."""
  copies, across = report["duplicates"], report["duplicates_across_splits"]
  leaks = "".join(
    f"; {count:,} {split} images also occur in an earlier split"
    for split, count in across["images_by_split"].items()
  )
  dropped = "; ".join(f"{count:,} {what}" for what, count in report["dropped"].items() if count)
  lines = [
    *_count_lines(report["splits"]),
    "",
    f"exact duplicates    {copies['redundant_copies']:,} redundant copies "
    f"in {copies['groups']:,} groups",
    f"  across splits     {across['groups']:,} groups{leaks}",
    f"  labels conflict   {report['conflicting_labels']['groups']:,} groups",
    f"constant images     {report['constant']['images']:,}",
    f"kept                {report['images']:,} of {report['read']:,} images",
    f"dropped             {dropped or 'nothing'}",
    f"skipped             {len(report['skipped']):,} items",
    *(f"  {one['item']}: {one['reason']}" for one in report["skipped"]),
    *(f"note                {note}" for note in report["notes"]),
  ]
  return "\n".join(lines)


def _count_lines(splits: dict[str, Any]) -> list[str]:
  classes = list(dict.fromkeys(name for one in splits.values() for name in one["classes"]))
  rows = [["", *splits, "total"]]
  for name in classes:
    numbers = [one["classes"].get(name, 0) for one in splits.values()]
    rows.append([name, *(f"{n:,}" for n in (*numbers, sum(numbers)))])
  totals = [one["images"] for one in splits.values()]
  rows.append(["total", *(f"{n:,}" for n in (*totals, sum(totals)))])
  first = max(len(row[0]) for row in rows)
  return ["".join([row[0].ljust(first), *(cell.rjust(12) for cell in row[1:])]) for row in rows]


def _describe_split(
  split: str, classes: dict[str, int], records: list[Record], spool: Spool
) -> dict[str, Any]:
  labels = np.array([record.label for record in records], np.int32)
  hashed = counted(records, f"hashing {split}", " images")
  return {
    "images": len(records),
    "classes": classes,
    "subjects": len({record.subject for record in records if record.subject}),
    "fingerprint": fingerprint((spool.read(record) for record in hashed), labels),
  }


def _listing(items: list[Skipped]) -> list[dict[str, str]]:
  return [{"item": one.item, "reason": one.reason} for one in items]
