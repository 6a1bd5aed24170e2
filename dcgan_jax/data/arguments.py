"""The command line of `prepare`: its options, and which of them go together."""

import argparse
import os
import pathlib
import re
from collections.abc import Sequence
from typing import Any

from dcgan_jax.data import archives, celeba, celeba_tfds, download, synthetic
from dcgan_jax.data.records import FACE_SHAPE, KINDS, Shape
from dcgan_jax.errors import UserError
from dcgan_jax.help_page import add_help, command_parser

# From the smallest image with a face in it to the largest that face sets are published in.
MIN_SIZE, MAX_SIZE = 16, 1024
_COLOUR_SHAPE: Shape = (64, 64, 3)

_DESCRIPTION = """\
Turns raw downloads into a TFDS data set of faces, 48×48 gray where nothing else is said. NAME:

  fer2013    the Kaggle CSV (emotion,pixels,Usage), or folders train|validation|test/<emotion>/
  ckplus     the CK+48 folder (all train), or ckextended.csv (split by its Usage column)
  celeba     its pictures as 64×64 colour, in the splits of list_eval_partition.txt where that lies
             in the source or beside it, else all train; --source=tfds reads TFDS's celeb_a
  faces      the largest face of each picture (OpenCV's Haar cascade) as 64×64 colour; pictures
             without one are dropped; needs pip install ".[faces]"
  folder     any images, in class folders or not, under train|validation|test or not
  synthetic  the built-in faces, the last tenth of them test; needs no source

A source is a folder, a CSV, or a zip or tar of either, and is never unpacked. Colour becomes luma
(gray RGB in a colour set), transparency lies on white, 16 bits become 8; of another size the middle
square is taken (of CelebA's 178×218 the middle 178×178) and resized (antialiased bicubic)."""

_EXAMPLES = """\
examples:
  python -m dcgan_jax.prepare fer2013 --source=archive.zip --drop-duplicates
  python -m dcgan_jax.prepare ckplus --source=CK+48 --split-by=subject --name=ck
  python -m dcgan_jax.prepare celeba --source=img_align_celeba.zip
  python -m dcgan_jax.prepare folder --source=DIR --color --size=64 --name=mine
  python -m dcgan_jax.prepare fer2013 --download"""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
  """Parses and checks the command line; what was left out is completed.

  Raises:
    UserError: options that contradict one another or the kind.
    SystemExit: --help, or arguments that argparse refuses (exit code 2).
  """
  args = _parser().parse_args(argv)
  if args.name and not re.fullmatch(r"[a-z][a-z0-9_]*", args.name):
    raise UserError(
      f"--name={args.name}: a name has lower-case letters, digits and underscores only, and "
      "begins with a letter."
    )
  if args.name == "synthetic" != args.kind:
    raise UserError("--name=synthetic: is the built-in faces' own, of which no person is shown.")
  _check_kind(args)
  _check_source(args)
  return args


def image_shape(args: argparse.Namespace) -> Shape:
  """What every image of the set becomes: height, width, channels."""
  if args.kind in ("celeba", "faces"):
    return _COLOUR_SHAPE
  if args.kind == "folder":
    return (args.size, args.size, 3 if args.color else 1)
  return FACE_SHAPE


def is_tfds(args: argparse.Namespace) -> bool:
  """Whether the source is TFDS's celeb_a; a folder that is called so is ./tfds."""
  return bool(args.kind == "celeba" and args.source == "tfds")


def options(args: argparse.Namespace) -> dict[str, Any]:
  """What makes two preparations the same beside their images' shape; it goes into the report.

  Raises:
    UserError: a source that cannot be read, or TFDS's celeb_a where it is not prepared.
  """
  return {
    **_origin(args),
    "split_by": args.split_by,
    "on_error": args.on_error,
    "drop_duplicates": args.drop_duplicates,
    "drop_constant": args.drop_constant,
  }


def _origin(args: argparse.Namespace) -> dict[str, Any]:
  if args.kind == "synthetic":
    return {"source": "rendered", "num": args.num, "seed": args.seed}
  if args.download is not None:
    return {"source": f"kaggle:{args.download}"}
  if is_tfds(args):
    folder = celeba_tfds.prepared_folder()
    return {"source": f"tfds:{folder}", "source_state": archives.state_of(folder)}
  path = pathlib.Path(args.source).expanduser()
  try:
    splits = celeba.list_beside(path) if args.kind == "celeba" else None
    state = archives.state_of(path, *filter(None, [splits])) if path.exists() else None
    # A folder's name need be no UTF-8, and the report is.
    name = os.fsencode(path.resolve()).decode(errors="backslashreplace")
    return {"source": name, "source_state": state}
  except OSError as error:
    raise UserError(f"--source={args.source}: cannot be read: {error.strerror}.") from error


def _check_kind(args: argparse.Namespace) -> None:
  """Refuses options of other kinds, and fills in this one's defaults."""
  if args.kind == "synthetic":
    args.num = synthetic.NUM_IMAGES if args.num is None else args.num
    args.seed = args.seed or 0
    if args.num < 1 or not 0 <= args.seed < 2**64:
      raise UserError(f"--num={args.num} --seed={args.seed}: --num is 1 or more, --seed 0 or more.")
  elif args.num is not None or args.seed is not None:
    raise UserError(f"--num and --seed are for synthetic; {args.kind} has the images it has.")
  if args.kind == "folder":
    args.size = FACE_SHAPE[0] if args.size is None else args.size
    if not MIN_SIZE <= args.size <= MAX_SIZE:
      raise UserError(f"--size={args.size}: from {MIN_SIZE} to {MAX_SIZE} pixels a side.")
  elif args.size is not None or args.color:
    height, width, channels = image_shape(args)
    colour = "colour" if channels == 3 else "gray"
    raise UserError(
      f"--size and --color are for folder; {args.kind} is always {height}×{width} {colour}."
    )
  if args.split_by == "subject" and args.kind != "ckplus":
    raise UserError(f"--split-by=subject is for ckplus; {args.kind} does not tell who is shown.")


def _check_source(args: argparse.Namespace) -> None:
  if args.kind == "synthetic":
    if args.source or args.download is not None:
      raise UserError("synthetic is rendered here: leave out --source and --download.")
  elif args.download is not None:
    if args.source:
      raise UserError("--source and --download: give one of them.")
    args.download = download.resolve(args.kind, args.download or None)
  elif not args.source:
    raise UserError(
      f"{args.kind} needs the raw data:  --source=PATH (a folder, CSV, zip or tar), or --download"
    )


def _parser() -> argparse.ArgumentParser:
  parser = command_parser(
    "prepare", "NAME [--source=PATH | --download] [options]", _DESCRIPTION, _EXAMPLES
  )
  add = parser.add_argument
  add("kind", metavar="NAME", choices=KINDS, help=argparse.SUPPRESS)  # the description has it
  add("--source", metavar="PATH", help="the raw data; celeba: or the word tfds")
  add(
    "--download",
    metavar="SLUG",
    nargs="?",
    const="",
    help="fetch from Kaggle instead (extra 'download'); SLUG picks a copy: "
    + ", ".join(slug for slugs in download.SLUGS.values() for slug in slugs),
  )
  add("--name", metavar="OTHER", help="what to call the prepared set; default NAME")
  add("--data-dir", metavar="PATH", help="default $DCGAN_JAX_DATA, else the user's cache folder")
  add(
    "--split-by",
    choices=("source", "none", "subject"),
    default="source",
    metavar="HOW",
    help="source (default): its Usage column or split folders, else all train; none: all train; "
    "subject: a fifth of CK+'s subjects, by the SHA-256 of their names, is test",
  )
  add(
    "--drop-duplicates",
    action="store_true",
    help="keep one of equal images, whatever their labels: the first in train, else in validation, "
    "else in test",
  )
  add("--drop-constant", action="store_true", help="leave out images of one colour")
  add(
    "--on-error",
    choices=("stop", "skip"),
    default="stop",
    metavar="DO",
    help="at a bad file or row: stop (default), or skip it and list it at the end",
  )
  add("--overwrite", action="store_true", help="replace a prepared set of that name")
  add("--size", type=int, metavar="N", help=f"folder: pixels a side; default {FACE_SHAPE[0]}")
  add("--color", action="store_true", help="folder: three channels instead of gray")
  add(
    "--num",
    type=int,
    metavar="N",
    help=f"synthetic: how many images; default {synthetic.NUM_IMAGES}",
  )
  add("--seed", type=int, metavar="N", help="synthetic: which ones; default 0")
  add_help(parser)
  return parser
