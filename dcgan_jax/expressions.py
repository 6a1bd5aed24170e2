"""Expressions by name: which run draws them, and what its generator is asked for."""

import pathlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcgan_jax.checkpoints import has_checkpoint
from dcgan_jax.data.classes import index_of
from dcgan_jax.drawing import draw_images
from dcgan_jax.errors import UserError
from dcgan_jax.files import read_json
from dcgan_jax.gan.classes import Choice, always
from dcgan_jax.gan.sampling import drawn
from dcgan_jax.trained import TrainedGenerator, load_generator
from dcgan_jax.waiting import counted


class Column(NamedTuple):
  """One expression, and the generator that draws it."""

  name: str
  generator: TrainedGenerator
  classes: Choice


def find_run(workdir: pathlib.Path, asked: Mapping[str, float]) -> pathlib.Path:
  """The run that draws an expression: the workdir, or of a run of each class the class's own.

  Args:
    workdir: a run's folder.
    asked: weights of expressions by name; empty for none in particular.

  Raises:
    UserError: the workdir has a run for each class, and not exactly one of them is asked for.
  """
  runs = runs_of_each(workdir)
  if not runs:
    return workdir
  there = ", ".join(runs)
  if len(asked) != 1:
    why = "name one with --expression" if not asked else "they cannot be mixed: name one"
    raise UserError(f"--workdir={workdir}: holds a model for each of {there}; {why}.")
  (name,) = asked
  if name not in runs:
    raise UserError(f"--expression={name}: {workdir} has no model of it, but of {there}.")
  return workdir / name


def runs_of_each(workdir: pathlib.Path) -> list[str]:
  """The classes that the workdir has a model of in a run of its own; none where it is a run."""
  if has_checkpoint(workdir):
    return []
  return sorted(path.parent.name for path in workdir.glob("*/config.json") if _is_of_one(path))


def check_single(workdir: pathlib.Path, verb: str) -> None:
  """Refuses a workdir that has a run for each class.

  Args:
    workdir: a folder.
    verb: what is to be done to one of them, for the message.

  Raises:
    UserError: names one.
  """
  if each := runs_of_each(workdir):
    raise UserError(
      f"--workdir={workdir}: holds a model for each of {', '.join(each)}.\n"
      f"{verb} one of them:  --workdir={workdir / each[0]}"
    )


def _is_of_one(config: pathlib.Path) -> bool:
  """Whether this is the config of a run that learns its folder's class and has a checkpoint."""
  try:
    expression = read_json(config)["data"]["expression"]
  except (OSError, ValueError, KeyError, TypeError):
    return False
  return expression == config.parent.name and has_checkpoint(config.parent)


def classes_asked(generator: TrainedGenerator, asked: Mapping[str, float]) -> Choice:
  """What to ask a generator for: one expression, or a mixture of several.

  Args:
    generator: a trained one.
    asked: weights above 0 of expressions by name; they are made to sum to 1.

  Raises:
    UserError: the generator knows no such expression, or none at all.
  """
  if generator.expression is not None and list(asked) == [generator.expression]:
    return always(np.zeros(generator.networks.num_classes))  # it draws nothing else
  if not generator.networks.num_classes:
    trained = f"was trained on {generator.expression or 'all expressions as one'}"
    raise UserError(
      f"--expression={','.join(asked)}: this model {trained}, and cannot be asked for another. "
      "Train one that can:  --config=configs/projection_fer2013.py"
    )
  row = np.zeros(generator.networks.num_classes)
  for name, weight in asked.items():
    row[index_of(name, generator.class_names, "this model")] = weight
  return always(row / row.sum())


def columns_of(workdir: pathlib.Path, step: int | None, ema: bool) -> list[Column]:
  """Every expression that a run, or a run of each class, can draw, in the order of their labels.

  Raises:
    UserError: no such run, or one whose model knows no expressions.
  """
  if runs := runs_of_each(workdir):
    passing = counted(runs, "reading", " models")
    generators = [load_generator(workdir / name, step, ema) for name in passing]
    order = {name: i for i, name in enumerate(generators[0].class_names)}
    found = zip(runs, generators, strict=True)
    columns = [Column(name, one, classes_asked(one, {name: 1.0})) for name, one in found]
    return sorted(columns, key=lambda column: order.get(column.name, 0))
  generator = load_generator(workdir, step, ema)
  if not generator.networks.num_classes:
    trained = f"was trained on {generator.expression or 'all faces as one'}"
    raise UserError(
      f"--workdir={workdir}: this model {trained}, and knows no expressions to show side by side."
    )
  names = generator.class_names
  return [Column(name, generator, classes_asked(generator, {name: 1.0})) for name in names]


def expression_sheet(columns: list[Column], seed: int, rows: int) -> np.ndarray:
  """Draws each expression for the same latents.

  Returns:
    uint8 [rows * columns, height, width, channels], row by row: a row is one latent. Where one
    model draws all, that is one identity; another model makes another face of the same latent.

  Raises:
    CheckpointError: a model has diverged.
  """
  drawings = []
  for name, generator, classes in counted(columns, "drawing", " expressions", delay=0):
    inputs = drawn(generator.networks, seed, classes)
    batches = draw_images(generator, inputs, count=rows, description=f"the model of {name}")
    drawings.append(np.concatenate(list(batches)))
  return np.stack(drawings, axis=1).reshape(-1, *drawings[0].shape[1:])
