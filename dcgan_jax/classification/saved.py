"""A classifier out of the workdir that `python -m dcgan_jax.classify` has filled."""

import dataclasses
import json
import pathlib
from typing import Any

import jax
import numpy as np

from dcgan_jax.checkpoints import CheckpointError, Checkpoints, Record
from dcgan_jax.classification.classifier import Classifier, TrainingSet, make_classifier
from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classification.training import initial_state
from dcgan_jax.data.copies import without_copies
from dcgan_jax.errors import UserError
from dcgan_jax.models.expression_classifier import ExpressionClassifier

RESULT = "result.json"
_READ = {
  "data", "held_out", "step", "sha256", "num_also_in_training", "confusion_without_those"
}  # fmt: skip
MODEL = "expression_classifier"  # config.model.name of a classifier's checkpoints


def load_classifier(workdir: pathlib.Path) -> Classifier:
  """Restores the classifier that a workdir's result.json describes.

  Args:
    workdir: as given to the command with --out.

  Raises:
    UserError: no classifier there, one whose training or scoring is not finished or was scored by
      an older version, or a checkpoint that is damaged or has other weights than were scored.
  """
  result = _read_result(workdir)
  checkpoints = Checkpoints(workdir, read_only=True)
  try:
    classifier = _restore(checkpoints, result["step"], result["data"])
  except (CheckpointError, KeyError) as error:  # the latter for a record of something else
    raise UserError(
      f"{workdir}: the classifier's checkpoint of step {result['step']} cannot be read: "
      f"{str(error).splitlines()[0]}\n"
      "Run the command that trained it once more: it goes on from an older one."
    ) from error
  finally:
    checkpoints.close()
  if classifier.sha256 != result["sha256"]:
    raise UserError(
      f"{workdir}: {RESULT} is about other weights than the checkpoint's.\n"
      "Run the command that trained it once more: it scores them again."
    )
  name = f"{result['data']}/{result['held_out']}"
  return dataclasses.replace(
    classifier,
    held_out_confusion=np.array(result["confusion_without_those"], np.int64),
    held_out_images=without_copies(name, result["num_also_in_training"]),
  )


def recipe_of(record: Record) -> Recipe:
  """How the classifier of a checkpoint was trained."""
  config = record["config"]
  return Recipe(config["seed"], config["epochs"], config["batch_size"], config["model"]["width"])


def _restore(checkpoints: Checkpoints, step: int, name: str) -> Classifier:
  record = checkpoints.record(step)
  recipe, data = recipe_of(record), record["data"]
  names, shape = data["class_names"], data["image_shape"]
  learnt = TrainingSet(name, data["fingerprint"], data["num_examples"])
  like = jax.eval_shape(lambda: initial_state(recipe, (learnt.num_images, *shape), len(names)))
  network = ExpressionClassifier(len(names), recipe.width)
  state = checkpoints.restore(step, like)
  return make_classifier(network, state, names, shape, learnt)


def _read_result(workdir: pathlib.Path) -> dict[str, Any]:
  path = workdir / RESULT
  command = f"python -m dcgan_jax.classify --data=NAME --out={workdir}"
  if not (workdir / "checkpoints").is_dir():
    there = "no such folder" if not workdir.exists() else "no classifier in it"
    raise UserError(f"{workdir}: {there}.\nTrain one:  {command}")
  try:
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
  except FileNotFoundError as error:
    raise UserError(
      f"{workdir}: no {RESULT}: not a classifier, or one whose training is not finished.\n"
      f"Finish it:  {command}"
    ) from error
  except (OSError, ValueError) as error:
    raise UserError(f"{path}: cannot be read: {error}\nWrite it again:  {command}") from error
  missing = _READ - result.keys()
  if missing:
    raise UserError(
      f"{path}: {', '.join(sorted(missing))} is missing: cut short, or of an older version.\n"
      "Run the command that trained it once more, with all its flags: it only scores it again.  "
      f"{command}"
    )
  return result
