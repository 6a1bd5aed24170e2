"""Trains a classifier of expressions on a prepared set, and scores it on images held out.

The evaluation job asks it whether a generated face shows the expression that was asked for. The
same command again resumes from the newest checkpoint, to the same bits as an uninterrupted run on
the same machine; once trained, it only scores.
"""

import argparse
import pathlib
import sys
from collections.abc import Sequence

from dcgan_jax.errors import UserError, run_command
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.startup import prepare_process
from dcgan_jax.waiting import doing
from dcgan_jax.whole_number import seed, whole_number

_EXAMPLES = """examples:
  python -m dcgan_jax.classify --data=fer2013
  python -m dcgan_jax.classify --data=fer2013 --epochs=5 --out=runs/quick
  python -m dcgan_jax.classify --data=synthetic --held-out=test

exit codes: 0 done, 2 a mistake in the command or data, 3 diverged, 75 interrupted by SIGTERM or
Ctrl-C after saving: the same command goes on from there
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("classify", "--data=NAME [options]", __doc__, _EXAMPLES)
  add = parser.add_argument
  add(
    "--data",
    required=True,
    metavar="NAME",
    help="a prepared, labelled set; its train split is learned",
  )
  add(
    "--data-dir",
    metavar="DIR",
    help="where prepared sets are (default $DCGAN_JAX_DATA, else the user's cache)",
  )
  add(
    "--held-out",
    choices=("validation", "test"),
    metavar="SPLIT",
    help="validation or test, which is scored (default: test, else validation)",
  )
  positive = whole_number(1, 10**6)
  add(
    "--epochs", type=positive, default=20, metavar="N", help="passes over the images (default 20)"
  )
  add(
    "--batch-size",
    type=positive,
    default=128,
    metavar="N",
    help="images in an update (default 128)",
  )
  add(
    "--seed",
    type=seed,
    default=0,
    metavar="N",
    help="of weights, order and augmentation (default 0)",
  )
  add(
    "--out",
    "--workdir",  # as messages call it that concern any run's folder
    dest="workdir",
    type=pathlib.Path,
    metavar="DIR",
    help="the run's folder (default runs/classifier-DATA)",
  )
  add_help(parser)
  return parser


def classify(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: data that cannot be learned or scored, a bad workdir, or one that holds another run.
  """
  options = _parser().parse_args(arguments)
  prepare_process()
  with doing("loading JAX"):  # only once the flags are sound
    from dcgan_jax.classification.command import Job, run
    from dcgan_jax.classification.recipe import Recipe
    from dcgan_jax.data.held_out import held_out_splits

  # A set without any is refused by `run`, as one without the split that was asked for.
  usual = next(iter(held_out_splits(options.data, options.data_dir)), "test")
  job = Job(
    data=options.data,
    data_dir=options.data_dir,
    held_out=options.held_out or usual,
    workdir=options.workdir or pathlib.Path("runs") / f"classifier-{options.data}",
    recipe=Recipe(options.seed, options.epochs, options.batch_size),
  )
  try:
    return run(job)
  except OSError as error:  # a disk that is full, a folder that can't be written
    raise UserError(f"{error.filename or 'a file'}: {error.strerror or error}.") from error


if __name__ == "__main__":
  run_command("classify", lambda: classify(sys.argv[1:]))
