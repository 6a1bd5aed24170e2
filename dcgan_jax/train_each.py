"""One model for each class, trained in turn, and one picture of them all."""

import dataclasses
import pathlib
import sys

import jax
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax import config as configs
from dcgan_jax import figures, parallel, processes
from dcgan_jax.checkpoints import has_checkpoint
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_OK, UserError
from dcgan_jax.expressions import columns_of, expression_sheet, runs_of_each
from dcgan_jax.interruption import Interruption
from dcgan_jax.reporting.live import refresh_comparison
from dcgan_jax.reporting.run_page import NAME
from dcgan_jax.train import train

EACH = "each"  # as config.data.expression
PICTURE = "expressions"
_ROWS = 8


def train_each(config: ConfigDict, workdir: pathlib.Path, wandb: bool = False) -> int:
  """Trains one model for each class of the data, in `workdir/<class>`.

  The same command again goes on where it stopped: finished classes are passed over. At the end
  `workdir/expressions.png` and `expressions_ema.png` are drawn, a column for each class; before,
  the sampling command draws those that there are. `workdir/report.html` has them side by side.

  Args:
    config: with data.expression "each".
    workdir: the folder of the runs.
    wandb: shows each in Weights & Biases too.

  Returns:
    The exit code: 0, 75 where it was interrupted, 3 where a class diverged; the others are
    trained all the same.

  Raises:
    UserError: as for `train`; several processes; data without classes; one message for all classes
      that the config does not fit, before the first is trained.
  """
  parallel.check_devices()
  if processes.are_many():
    raise UserError(
      f"config.data.expression={EACH}: one class after another is trained by one process. Name one."
    )
  configs.check(config, jax.device_count())
  if has_checkpoint(workdir):
    raise UserError(
      f"--workdir={workdir}: holds a single run. Give the runs of each class another folder."
    )
  codes = set()
  with Interruption() as interruption:  # between two classes; within one its training has its own
    for name in _classes(config):
      if interruption.requested:
        print(f"{interruption.requested.name}: stopped before {name}.", file=sys.stderr)
        return EXIT_INTERRUPTED
      print(f"\n{name}:", file=sys.stderr, flush=True)
      one = config.copy_and_resolve_references()
      one.data.expression = name
      code = train(one, workdir / name, wandb)
      codes.add(code)
      if code not in (EXIT_OK, EXIT_DIVERGED):
        return code
  if EXIT_OK in codes:
    for ema in (False, True):
      draw_together(workdir, ema)
    print(f"\nAll together: {workdir / PICTURE}.png", file=sys.stderr)
    refresh_comparison([workdir / name for name in runs_of_each(workdir)], workdir / NAME)
  return max(codes)


def _classes(config: ConfigDict) -> list[str]:
  """The classes that there are images of, each of which the config fits."""
  data = load_prepared(config.data.name, config.data.split, config.data.data_dir)
  if not data.class_names:
    raise UserError(
      f"config.data.expression={EACH}: {config.data.name} has no classes.\n"
      "Train one model on all images:  --config.data.expression="
    )
  counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.class_names))
  if not counts.any():
    raise UserError(
      f"config.data.expression={EACH}: no image of {config.data.name}/{config.data.split} has a "
      "class.\nTrain one model on all images:  --config.data.expression="
    )
  names, problems = [], []
  for label, (name, count) in enumerate(zip(data.class_names, counts, strict=True)):
    if not count:
      continue
    names.append(name)
    # Only their number and shape count, and a mapped split is not to be read for these.
    like = dataclasses.replace(data, images=data.images[:count], labels=np.full(count, label))
    try:
      configs.check_against_data(config, like)
    except UserError as error:
      problems.append(f"{name}: {error}")
  if problems:
    raise UserError("\n".join(problems))
  return names


def draw_together(workdir: pathlib.Path, ema: bool) -> None:
  """Draws a grid of all classes that there are models of, from the newest checkpoint of each."""
  columns = columns_of(workdir, None, ema)
  sheet = figures.grid(expression_sheet(columns, seed=0, rows=_ROWS), columns=len(columns))
  figures.save_png(workdir / f"{PICTURE}{'_ema' if ema else ''}.png", sheet, scale=2)
