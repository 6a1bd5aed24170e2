"""Turns raw downloads into prepared data sets: `python -m dcgan_jax.prepare NAME --source=PATH`."""

import argparse
import contextlib
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from dcgan_jax.data import (
  arguments,
  audit,
  celeba_tfds,
  download,
  inventory,
  reports,
  sources,
  splits,
  staging,
)
from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.items import Source
from dcgan_jax.data.records import Record, Shape, Skipped, UnsuitableError
from dcgan_jax.data.spool import Spool
from dcgan_jax.errors import EXIT_OK, UserError, printable, run_command
from dcgan_jax.waiting import bar, doing

_MOST_SKIPPED = 1_000_000  # five times CelebA; a zip of kilobytes can hold that many bad rows


def main(argv: Sequence[str] | None = None) -> int:
  """Parses the command line and prepares the set; returns the exit code.

  Raises:
    UserError: a mistake in the arguments or in the source.
    SystemExit: --help, or arguments that argparse refuses (exit code 2).
  """
  return prepare(arguments.parse(argv))


def prepare(args: argparse.Namespace) -> int:
  """Reads the source, audits it, writes the set and publishes it; returns the exit code.

  Raises:
    UserError: a source that is not as it should be, a set of that name prepared from something
      else, or a data directory that cannot be written.
  """
  root, name = reports.data_dir(args.data_dir), args.name or args.kind
  location = reports.set_dir(root, name)
  shape, options = arguments.image_shape(args), arguments.options(args)
  if reports.is_complete(location) and not args.overwrite:
    report = reports.read_report(location)
    try:
      _check_same(report, args.kind, shape, options, location)
      table = inventory.table(report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # JSON, but not a report
      raise reports.damaged(name, location) from error
    print(f"{name} is prepared already in {location}; --overwrite redoes it.\n\n{printable(table)}")
    return EXIT_OK
  with (
    _disk_errors(root),
    staging.workspace(root, name) as scratch,
    contextlib.closing(Spool(scratch / "images", shape)) as spool,
  ):
    outcome = _gather(args, spool)
    report = inventory.describe(name, args.kind, options, outcome, spool)
    with doing("loading TensorFlow"):
      from dcgan_jax.data import builders  # takes seconds: not for a mistake

    with bar("writing", " images", len(outcome.kept)) as shown:
      finished = builders.write_set(
        scratch,
        name,
        outcome.class_names,
        outcome.kept,
        lambda record: (shown.update(), spool.read(record))[1],
        inventory.companions(report, outcome),
        shape,
      )
    staging.publish(finished, location, scratch)
  print(f"{name} is prepared in {location}\n\n{printable(inventory.table(report))}")
  print(f"\nall of this as JSON  {location / reports.REPORT}")
  print(f"the copies by name   {location / inventory.GROUPS}")
  if outcome.unsuitable:
    print(f"the dropped by name  {location / inventory.DROPPED}")
  return EXIT_OK


def _gather(args: argparse.Namespace, spool: Spool) -> Any:
  """Everything before writing: reads the whole source into a spool, places, audits and drops."""
  source = _open(args, spool.shape)
  records, unsuitable, skipped = _read(source, spool, skip=args.on_error == "skip")
  if args.split_by == "subject":
    records = splits.by_subject(records)
  elif args.split_by == "none":
    records = splits.all_train(records)
  kept = audit.without_constant(records) if args.drop_constant else records
  constant = len(records) - len(kept)
  kept = audit.without_duplicates(kept) if args.drop_duplicates else kept
  dropped = {"constant": constant, "duplicate": len(records) - constant - len(kept)}
  if not kept:
    raise UserError("--drop-constant leaves no image: all are of one colour each.")
  found = audit.audit(records)
  return inventory.Outcome(
    source.class_names, found, kept, dropped, unsuitable, skipped, source.notes
  )


def _open(args: argparse.Namespace, shape: Shape) -> Source:
  if args.kind == "synthetic":
    return sources.rendered_source(args.seed, args.num)
  if arguments.is_tfds(args):
    with doing("loading TensorFlow"):
      return celeba_tfds.open_tfds(celeba_tfds.prepared_folder(), shape)
  if args.download is not None:
    return sources.open_source(args.kind, download.fetch(args.download), shape)
  return sources.open_source(args.kind, pathlib.Path(args.source).expanduser(), shape)


def _read(
  source: Source, spool: Spool, skip: bool
) -> tuple[list[Record], list[Skipped], list[Skipped]]:
  """Decodes every item into the spool.

  Returns:
    The records, the pictures that do not suit, and the bad items.

  Raises:
    UserError: a bad item, unless they are to be skipped; or nothing that can be used.
  """
  records: list[Record] = []
  unsuitable: list[Skipped] = []
  skipped: list[Skipped] = []
  with bar("reading", " images", source.total) as shown:
    for item, read in source.items:
      try:
        records.append(spool.add(read()))
      except UnsuitableError as error:
        unsuitable.append(Skipped(item, str(error)))
      except ItemError as error:
        if not skip:
          raise UserError(_letter(item, error)) from error
        skipped.append(Skipped(item, str(error)))
        if len(skipped) > _MOST_SKIPPED:
          raise UserError(
            f"more than {_MOST_SKIPPED:,} bad items: this is another file than it is taken for; "
            f"the first:\n{_line(skipped[0])}"
          ) from error
      shown.update()
  if not records:
    raise UserError(_nothing_usable(unsuitable, skipped))
  if source.by_name:
    records.sort(key=lambda record: record.source)
  return records, unsuitable, skipped


def _nothing_usable(unsuitable: list[Skipped], skipped: list[Skipped]) -> str:
  parts = []
  if unsuitable:
    parts.append(f"{len(unsuitable):,} were dropped, the first:\n{_line(unsuitable[0])}")
  if skipped:
    parts.append(f"{len(skipped):,} items were skipped, the first:\n{_line(skipped[0])}")
  return "not one image could be used; " + "\n".join(parts)


def _line(one: Skipped) -> str:
  return f"{one.item}: {one.reason}"


def _letter(item: str, error: ItemError) -> str:
  lines = [f"{item}: {error}.", error.hint, "Skip bad items and list them:  --on-error=skip"]
  return "\n".join(line for line in lines if line)


def _check_same(
  report: dict[str, Any],
  kind: str,
  shape: Shape,
  options: dict[str, Any],
  location: pathlib.Path,
) -> None:
  there = {
    "kind": report["kind"],
    "image_shape": reports.image_shape(report),
    **report["options"],
  }
  asked = {"kind": kind, "image_shape": shape, **options}
  if there == asked:
    return
  differing = [key for key in {**there, **asked} if there.get(key) != asked.get(key)]
  changed = "have changed since then" if asked.get("source_state") else "are gone"
  shown = {"source_state": f"the source's files {changed}"}
  lines = [
    shown.get(key) or f"{key} was {there.get(key)!r}, now {asked.get(key)!r}" for key in differing
  ]
  raise UserError(
    f"{location.parent.name} is prepared already in {location}, but otherwise:\n"
    + "".join(f"  {line}\n" for line in lines)
    + "Replace it:  --overwrite      Keep both:  --name=OTHER"
  )


@contextlib.contextmanager
def _disk_errors(root: pathlib.Path) -> Iterator[None]:
  try:
    yield
  except OSError as error:
    raise UserError(
      f"the set could not be written to {root}: {error}.\n"
      "Free some space, or choose another place:  --data-dir=PATH"
    ) from error


if __name__ == "__main__":
  run_command("prepare", lambda: main(sys.argv[1:]))
