"""Scores a run's checkpoints, or any folder of images, against real images.

A job of its own, which never touches training. Scores are appended to WORKDIR/evaluation.jsonl, and
what is there is not computed again. Those of --images are kept where --out names a file, and else
only printed. With --data alone: what real photographs score, below which no score means quality.
"""

import argparse
import os
import pathlib
import sys
from collections.abc import Sequence

from dcgan_jax.data.records import SPLITS
from dcgan_jax.errors import EXIT_OK, EXIT_USAGE, UserError, run_command
from dcgan_jax.evaluation.protocol import BY_NAME_ONLY, METRICS
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.startup import prepare_process
from dcgan_jax.waiting import doing
from dcgan_jax.whole_number import seed

_EXAMPLES = """examples:
  python -m dcgan_jax.evaluate --workdir=runs/ex5
  python -m dcgan_jax.evaluate --workdir=runs/ex5 --ema --metrics=fid,kid
  python -m dcgan_jax.evaluate --workdir=runs/ex5 --follow --device=cpu
  python -m dcgan_jax.evaluate --images=faces --data=fer2013
  python -m dcgan_jax.evaluate --data=ckplus --num=981  # floors only
  python -m dcgan_jax.metrics.weights  # once, for FID, KID, IS, precision, recall

What is computed of real images is kept in $DCGAN_JAX_REFERENCES, else the user's cache, and may be
deleted. exit codes: 0 done, 2 a mistake in the command or data, a metric asked for by name that
could not be had or a checkpoint that could not be read, 75 interrupted: the same command goes on.
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser(
    "evaluate", "[--workdir=RUN | --images=DIR] [options]", __doc__, _EXAMPLES
  )
  path = pathlib.Path
  what = parser.add_argument_group("what is scored, against what")
  what.add_argument("--workdir", type=path, metavar="RUN", help="a run's folder")
  which = what.add_mutually_exclusive_group()
  which.add_argument("--step", type=int, metavar="N", help="a checkpoint (default: the newest)")
  which.add_argument("--all", action="store_true", help="every checkpoint there is")
  which.add_argument(
    "--follow", action="store_true", help="every checkpoint as it appears, until training is done"
  )
  what.add_argument("--ema", action="store_true", help="the averaged weights, not the raw ones")
  what.add_argument(
    "--images", type=path, metavar="DIR", help="a folder of images, or an .npz: not a run"
  )
  what.add_argument(
    "--num",
    type=_numbers,
    metavar="N[,N]",
    help="how many samples, or several: 981,10000 (default 10000; of a folder, all)",
  )
  what.add_argument("--seed", type=seed, metavar="N", help="of the samples (default 0)")
  what.add_argument("--data", metavar="NAME", help="a prepared set (default: the run's own)")
  what.add_argument(
    "--data-dir", metavar="DIR", help="where prepared sets are (default: as when trained)"
  )
  what.add_argument(
    "--reference",
    type=_references,
    default="train",
    metavar="R[,R]",
    help="its split (default train), a folder of images, or statistics (.npz; say with --resize "
    "how they were taken); or several: the samples are then drawn once",
  )

  how = parser.add_argument_group("how")
  how.add_argument(
    "--metrics",
    type=_metrics,
    metavar="M[,M]",
    help=f"of {','.join(METRICS)} (default: all that can be had; {','.join(BY_NAME_ONLY)} by name "
    "only, since it trains a classifier)",
  )
  how.add_argument("--per-class", action="store_true", help="FID and KID of each class too")
  how.add_argument(
    "--classifier",
    type=path,
    metavar="DIR",
    help="as python -m dcgan_jax.classify filled it (default: runs/classifier-DATA)",
  )
  how.add_argument(
    "--weights", type=path, metavar="FILE", help="Inception's weights (default: the cached ones)"
  )
  how.add_argument(
    "--resize",
    choices=("tensorflow", "pytorch"),
    metavar="AS",
    help="to 299 px: tensorflow, as the original FID and torch-fidelity (default), or pytorch, as "
    "pytorch-fid",
  )
  how.add_argument(
    "--device",
    choices=("auto", "cpu"),
    default="auto",
    metavar="WHERE",
    help="auto (default), or cpu, which leaves the chips to a training",
  )
  how.add_argument(
    "--out", type=path, metavar="FILE", help="of scores (default: evaluation.jsonl in the workdir)"
  )
  add_help(how)
  return parser


def _numbers(text: str) -> tuple[int, ...]:
  parts = [part.replace("_", "") for part in text.split(",")]
  if not all(part.isdecimal() and int(part) > 0 for part in parts):
    raise argparse.ArgumentTypeError(f"{text!r}: whole numbers from 1, with commas between")
  return tuple(sorted({int(part) for part in parts}))


def _references(text: str) -> tuple[str, ...]:
  parts = text.split(",")
  if not all(parts):
    raise argparse.ArgumentTypeError(f"{text!r}: names with commas between")
  return tuple(dict.fromkeys(parts))


def _metrics(text: str) -> tuple[str, ...]:
  parts = text.split(",")
  unknown = [part for part in parts if part not in METRICS]
  if unknown:
    raise argparse.ArgumentTypeError(f"{unknown[0]!r}: not one of {', '.join(METRICS)}")
  return tuple(dict.fromkeys(parts))


def _check(options: argparse.Namespace) -> None:
  """Refuses flags that do not go together.

  Raises:
    UserError: names the flag and the fix.
  """
  if options.workdir and options.images:
    raise UserError("--workdir and --images: one or the other is scored at a time.")
  if not (options.workdir or options.images or options.data):
    raise UserError(
      "nothing to score: name --workdir=RUN or --images=FOLDER.\n"
      "For the floors of a prepared set, --data=NAME alone."
    )
  splits = [name for name in options.reference if name in SPLITS]
  if options.images and not options.data and splits:
    raise UserError(
      f"--images needs something to compare with: --data=NAME (its {splits[0]} split), "
      "or --reference=FOLDER."
    )
  if options.workdir and options.data and len(splits) < len(options.reference):
    raise UserError("--data and --reference=PATH: a run is compared with one of them.")
  of_runs = {"--step": options.step is not None, "--all": options.all, "--follow": options.follow}
  _refuse_without("--workdir", options.workdir, of_runs | {"--ema": options.ema})
  of_scores = {
    "--metrics": options.metrics is not None,
    "--per-class": options.per_class,
    "--classifier": options.classifier is not None,
    "--seed": options.seed is not None,
    "--out": options.out is not None,
  }
  _refuse_without("--workdir or --images", options.workdir or options.images, of_scores)


def _refuse_without(needed: str, there: object, flags: dict[str, bool]) -> None:
  given = [flag for flag, used in flags.items() if used]
  if given and not there:
    raise UserError(f"{given[0]} needs {needed}.")


def main(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: a mistake in the arguments, the data, a checkpoint or the weights.
  """
  options = _parser().parse_args(arguments)
  _check(options)
  options.seed = options.seed or 0  # only now: whether it was given is checked above
  if options.device == "cpu":
    os.environ["JAX_PLATFORMS"] = "cpu"
  prepare_process()
  with doing("loading JAX"):  # only once the flags are sound
    from dcgan_jax.evaluation.command import run

  try:
    complete = run(options)
  except OSError as error:  # a disk that is full, a folder that can't be written
    raise UserError(f"{error.filename or 'a file'}: {error.strerror or error}.") from error
  return EXIT_OK if complete else EXIT_USAGE


if __name__ == "__main__":
  run_command("evaluate", lambda: main(sys.argv[1:]))
