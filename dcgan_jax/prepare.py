"""Turns raw downloads into prepared data sets: `python -m dcgan_jax.prepare NAME --source=PATH`."""

import argparse
import contextlib
import pathlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from tqdm import tqdm

from dcgan_jax.data import archives, audit, download, reports, sources, splits, staging, synthetic
from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.records import KINDS, Record, Skipped
from dcgan_jax.data.spool import Spool
from dcgan_jax.errors import EXIT_OK, UserError, run_command

_DESCRIPTION = """\
Turns raw downloads into a TFDS data set of 48×48 grayscale faces.

  fer2013    the Kaggle CSV (emotion,pixels,Usage), or folders train|validation|test/<emotion>/
  ckplus     the CK+48 folder (all train), or ckextended.csv (split by its Usage column)
  folder     any images, in class folders or not, under train|validation|test or not
  synthetic  the built-in faces, the last tenth of them test; needs no source

A source is a folder, a CSV, or a zip or tar of either; it is read, never unpacked to disk. Colour
becomes luma, transparency lies on white, 16 bits become 8; an image of another size is cropped to
its middle square and resized (antialiased bicubic)."""

_EXAMPLES = """\
examples:
  python -m dcgan_jax.prepare fer2013 --source=fer2013.csv
  python -m dcgan_jax.prepare fer2013 --source=archive.zip --drop-duplicates --name=fer_clean
  python -m dcgan_jax.prepare ckplus --source=CK+48 --split-by=subject
  python -m dcgan_jax.prepare fer2013 --download"""


def main(argv: Sequence[str] | None = None) -> int:
  """Parses the command line and prepares the set; returns the exit code.

  Raises:
    UserError: a mistake in the arguments or in the source.
    SystemExit: --help, or arguments that argparse refuses (exit code 2).
  """
  args = _parser().parse_args(argv)
  _check(args)
  return prepare(args)


def prepare(args: argparse.Namespace) -> int:
  """Reads the source, audits it, writes the set and publishes it; returns the exit code.

  Raises:
    UserError: a source that is not as it should be, a set of that name prepared from something
      else, or a data directory that cannot be written.
  """
  # TensorFlow takes seconds to import: not for --help or a mistyped option.
  from dcgan_jax.data import builders, inventory

  root, name = reports.data_dir(args.data_dir), args.name or args.kind
  location = reports.set_dir(root, name)
  options = _options(args)
  if reports.is_complete(location) and not args.overwrite:
    report = reports.read_report(location)
    _check_same(report, args.kind, options, location)
    print(f"{name} is prepared already in {location}; --overwrite redoes it.\n")
    print(inventory.table(report))
    return EXIT_OK
  with (
    _disk_errors(root),
    staging.workspace(root, name) as scratch,
    contextlib.closing(Spool(scratch / "images")) as spool,
  ):
    outcome = _gather(args, spool)
    report = inventory.describe(name, args.kind, options, outcome, spool)
    with _progress(len(outcome.kept), "writing") as bar:
      finished = builders.write_set(
        scratch,
        name,
        outcome.class_names,
        outcome.kept,
        lambda record: (bar.update(), spool.read(record))[1],
        inventory.companions(report, outcome.found),
      )
    staging.publish(finished, location, scratch)
  print(f"{name} is prepared in {location}\n\n{inventory.table(report)}")
  print(f"\nall of this as JSON  {location / reports.REPORT}")
  print(f"the copies by name   {location / inventory.GROUPS}")
  return EXIT_OK


def _gather(args: argparse.Namespace, spool: Spool) -> Any:
  """Everything before writing: reads the whole source into a spool, places, audits and drops."""
  from dcgan_jax.data import inventory

  source = _open(args)
  records, skipped = _read(source, spool, skip=args.on_error == "skip")
  if args.split_by == "subject":
    records = splits.by_subject(records)
  elif args.split_by == "none":
    records = splits.all_train(records)
  kept = audit.without_constant(records) if args.drop_constant else records
  constant = len(records) - len(kept)
  kept = audit.without_duplicates(kept) if args.drop_duplicates else kept
  dropped = {"constant": constant, "duplicate": len(records) - constant - len(kept)}
  if not kept:
    raise UserError("--drop-constant leaves no image: all are of one gray value each.")
  found = audit.audit(records)
  return inventory.Outcome(source.class_names, found, kept, dropped, skipped, source.notes)


def _open(args: argparse.Namespace) -> sources.Source:
  if args.kind == "synthetic":
    return sources.rendered_source(args.seed, args.num)
  if args.download is not None:
    return sources.open_source(args.kind, download.fetch(args.download))
  return sources.open_source(args.kind, pathlib.Path(args.source).expanduser())


def _read(source: sources.Source, spool: Spool, skip: bool) -> tuple[list[Record], list[Skipped]]:
  """Decodes every item into the spool.

  Raises:
    UserError: a bad item, unless they are to be skipped; or not one good item.
  """
  records: list[Record] = []
  skipped: list[Skipped] = []
  with _progress(source.total, "reading") as bar:
    for item, read in source.items:
      try:
        records.append(spool.add(read()))
      except ItemError as error:
        if not skip:
          raise UserError(_letter(item, error)) from error
        skipped.append(Skipped(item, str(error)))
      bar.update()
  if not records:
    first = skipped[0]
    raise UserError(
      f"not one image could be used; {len(skipped):,} items were skipped, the first:\n"
      f"{first.item}: {first.reason}"
    )
  if source.by_name:
    records.sort(key=lambda record: record.source)
  return records, skipped


def _letter(item: str, error: ItemError) -> str:
  lines = [f"{item}: {error}.", error.hint, "Skip bad items and list them:  --on-error=skip"]
  return "\n".join(line for line in lines if line)


def _options(args: argparse.Namespace) -> dict[str, Any]:
  """What makes two preparations the same, and goes into the report."""
  options: dict[str, Any] = {
    "split_by": args.split_by,
    "on_error": args.on_error,
    "drop_duplicates": args.drop_duplicates,
    "drop_constant": args.drop_constant,
  }
  if args.kind == "synthetic":
    return {"source": "rendered", "num": args.num, "seed": args.seed, **options}
  if args.download is not None:
    return {"source": f"kaggle:{args.download}", **options}
  path = pathlib.Path(args.source).expanduser()
  state = archives.state_of(path) if path.exists() else None
  return {"source": str(path.resolve()), "source_state": state, **options}


def _check_same(
  report: dict[str, Any], kind: str, options: dict[str, Any], location: pathlib.Path
) -> None:
  there = {"kind": report["kind"], **report["options"]}
  asked = {"kind": kind, **options}
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


def _progress(total: int | None, what: str) -> Any:
  # disable=None: silent where stderr is no terminal.
  return tqdm(total=total, desc=what, unit=" images", disable=None, leave=False)


def _check(args: argparse.Namespace) -> None:
  """Refuses options that contradict one another, and completes those that were left out."""
  if args.name and not re.fullmatch(r"[a-z][a-z0-9_]*", args.name):
    raise UserError(
      f"--name={args.name}: a name has lower-case letters, digits and underscores only, and "
      "begins with a letter."
    )
  if args.kind == "synthetic":
    if args.source or args.download is not None:
      raise UserError("synthetic is rendered here: leave out --source and --download.")
    args.num = synthetic.NUM_IMAGES if args.num is None else args.num
    args.seed = args.seed or 0
    if args.num < 1 or not 0 <= args.seed < 2**64:
      raise UserError(f"--num={args.num} --seed={args.seed}: --num is 1 or more, --seed 0 or more.")
  elif args.num is not None or args.seed is not None:
    raise UserError(f"--num and --seed are for synthetic; {args.kind} has the images it has.")
  elif args.download is not None:
    if args.source:
      raise UserError("--source and --download: give one of them.")
    args.download = download.resolve(args.kind, args.download or None)
  elif not args.source:
    raise UserError(
      f"{args.kind} needs the raw data:  --source=PATH (a folder, CSV, zip or tar), or --download"
    )
  if args.split_by == "subject" and args.kind != "ckplus":
    raise UserError(f"--split-by=subject is for ckplus; {args.kind} does not tell who is shown.")


def _parser() -> argparse.ArgumentParser:
  parser = argparse.ArgumentParser(
    prog="python -m dcgan_jax.prepare",
    description=_DESCRIPTION,
    epilog=_EXAMPLES,
    formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
      prog, max_help_position=22, width=100
    ),
  )
  add = parser.add_argument
  add("kind", metavar="NAME", choices=KINDS, help="what the source holds, as above")
  add("--source", metavar="PATH", help="the raw data")
  add(
    "--download",
    metavar="SLUG",
    nargs="?",
    const="",
    help="fetch from Kaggle instead (extra 'download'); SLUG picks one of several copies: "
    + ", ".join(slug for slugs in download.SLUGS.values() for slug in slugs),
  )
  add("--name", metavar="OTHER", help="what to call the prepared set; default NAME")
  add("--data-dir", metavar="PATH", help="default $DCGAN_JAX_DATA, else the user's cache folder")
  add(
    "--split-by",
    choices=("source", "none", "subject"),
    default="source",
    help="source: its Usage column or split folders, else all train; none: all train; subject: "
    "a fifth of CK+'s subjects, by the SHA-256 of their names, is test",
  )
  add(
    "--drop-duplicates",
    action="store_true",
    help="keep one of each set of equal images, whatever their labels: the first in train, else "
    "in validation, else in test",
  )
  add("--drop-constant", action="store_true", help="leave out images of one gray value")
  add(
    "--on-error",
    choices=("stop", "skip"),
    default="stop",
    help="at a bad file or row: stop (default), or skip it and list it at the end",
  )
  add("--overwrite", action="store_true", help="replace a prepared set of that name")
  add("--num", type=int, help=f"synthetic: how many images; default {synthetic.NUM_IMAGES}")
  add("--seed", type=int, help="synthetic: which ones; default 0")
  return parser


if __name__ == "__main__":
  run_command("prepare", lambda: main(sys.argv[1:]))
