"""The command behind `python -m dcgan_jax.classify`: train in a workdir, then score.

result.json    accuracies on the held-out images, and the hash of the weights; written last
confusion.png  what was taken for what on them
metrics.jsonl  loss and accuracy on the augmented training images
checkpoints/   Orbax
"""

import pathlib
import sys
from dataclasses import dataclass

import jax
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax import figures, parallel
from dcgan_jax.averages import DivergedError
from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.classification.classifier import TrainingSet, make_classifier
from dcgan_jax.classification.confusion_picture import confusion_picture
from dcgan_jax.classification.journal import Journal
from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classification.result import describe, score
from dcgan_jax.classification.saved import MODEL, RESULT
from dcgan_jax.classification.state import ClassifierState
from dcgan_jax.classification.training import fit, initial_state, problems
from dcgan_jax.data.prepared import Prepared, load_prepared
from dcgan_jax.data.reports import split_info, split_names
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_OK, UserError
from dcgan_jax.files import write_json
from dcgan_jax.interruption import Interruption
from dcgan_jax.models.expression_classifier import ExpressionClassifier
from dcgan_jax.record import make_record
from dcgan_jax.resume import resume
from dcgan_jax.run import open_workdir
from dcgan_jax.waiting import doing
from dcgan_jax.workdir_lock import sole_trainer

_KEPT = 2  # checkpoints: the newest, and the one before it should that be damaged


@dataclass(frozen=True)
class Job:
  """One run of the command.

  Attributes:
    data: a prepared set; its train split is learned.
    data_dir: where it is; None as for `reports.data_dir`.
    held_out: the split that is scored.
    workdir: the run's folder.
    recipe: how to train.
  """

  data: str
  data_dir: str | None
  held_out: str
  workdir: pathlib.Path
  recipe: Recipe


def run(job: Job) -> int:
  """Trains from the workdir's newest checkpoint where there is one, scores, and returns the code.

  Raises:
    UserError: data that cannot be learned or scored, a bad workdir, or one that holds another run.
  """
  parallel.check_devices()
  _check_splits(job)
  open_workdir(job.workdir)
  train = load_prepared(job.data, "train", job.data_dir)
  held_out = load_prepared(job.data, job.held_out, job.data_dir)
  _check_images(job, train, held_out)
  with sole_trainer(job.workdir):
    checkpoints = Checkpoints(job.workdir, keep_latest=_KEPT, keep_every=sys.maxsize)
    try:
      state, code = _train(job, train, checkpoints)
    finally:
      checkpoints.close()
  if code == EXIT_OK:
    _score(job, state, train, held_out)
  return code


def _check_splits(job: Job) -> None:
  if not split_info(job.data, "train", job.data_dir).class_names:
    raise UserError(
      f"data set {job.data!r} has no labels: there is nothing to learn.\n"
      "Prepare it from a source with one folder per class, or a label column."
    )
  splits = split_names(job.data, job.data_dir)
  if job.held_out in splits:
    return
  others = [split for split in splits if split != "train"]
  fix = (
    f"Score another one:  --held-out={others[0]}"
    if others
    else "A classifier is judged by images it was not trained on: prepare the set with some held "
    "out."
  )
  raise UserError(
    f"data set {job.data!r} has no split {job.held_out!r} to score a classifier on; it has "
    f"{', '.join(splits)}.\n{fix}"
  )


def _check_images(job: Job, train: Prepared, held_out: Prepared) -> None:
  found = problems(job.recipe, train.images.shape, train.labels, train.class_names)
  if (held_out.labels < 0).any():
    found.append(f"some images of {job.held_out} have no label.")
  if found:
    raise UserError(
      "\n".join(
        [
          f"{job.data}/train: no classifier can be trained on it like this:",
          *(f"- {line}" for line in found),
        ]
      )
    )


def _train(job: Job, data: Prepared, checkpoints: Checkpoints) -> tuple[ClassifierState, int]:
  record, recipe = make_record(_config(job), data), job.recipe
  classes = len(data.class_names)

  def fresh() -> ClassifierState:
    return initial_state(recipe, data.images.shape, classes)

  begun = resume(checkpoints, job.workdir, lambda _: record, lambda: jax.eval_shape(fresh))
  start, stop = begun.step if begun else 0, recipe.total_steps(len(data.images))
  _announce(job, len(data.images), begun and start, stop)
  with doing("compiling the first weights"):
    state = begun.state if begun else fresh()
  if start >= stop:
    return state, EXIT_OK
  (job.workdir / RESULT).unlink(missing_ok=True)  # it would be of weights that are no more

  journal = Journal(job.workdir, checkpoints, record, start, stop)
  try:
    with Interruption() as interruption:
      for reached in fit(data.images, data.labels, classes, recipe, state, start):
        state = reached.state
        journal.after(reached)
        if interruption.requested and reached.step < stop:
          journal.save(reached)
          journal.say(
            f"{interruption.requested.name}: saved update {reached.step}. "
            "The same command resumes from there."
          )
          return state, EXIT_INTERRUPTED
  except DivergedError as error:
    journal.say(f"{error}\nTry another --seed, in a folder of its own.")
    return state, EXIT_DIVERGED
  finally:
    journal.close()
  return state, EXIT_OK


def _config(job: Job) -> ConfigDict:
  """What identifies a run, in the form that a GAN's checkpoints have it too."""
  recipe = job.recipe
  return ConfigDict(
    {
      "seed": recipe.seed,
      "epochs": recipe.epochs,
      "batch_size": recipe.batch_size,
      "model": {"name": MODEL, "width": recipe.width},
      "data": {"name": job.data, "split": "train", "data_dir": job.data_dir},
    }
  )


def _announce(job: Job, count: int, resumed: int | None, stop: int) -> None:
  devices = jax.devices()
  where = f"{len(devices)} {devices[0].device_kind} device" + ("s" if len(devices) > 1 else "")
  lines = [
    f"{job.data}/train: {count:,} images, {job.recipe.epochs} epochs: {stop:,} updates of "
    f"{job.recipe.batch_size} images on {where}; scored on {job.held_out}; workdir {job.workdir}"
  ]
  if resumed is not None and resumed >= stop:
    lines.append("Trained already; only scored now.")
  elif resumed is not None:
    lines.append(f"Resuming from the checkpoint of update {resumed:,}.")
  print("\n".join(lines), file=sys.stderr, flush=True)


def _score(job: Job, state: ClassifierState, train: Prepared, held_out: Prepared) -> None:
  network = ExpressionClassifier(len(train.class_names), job.recipe.width)
  learnt = TrainingSet(job.data, train.fingerprint, len(train.images))
  classifier = make_classifier(network, state, train.class_names, train.images.shape[1:], learnt)
  name = f"{job.data}/{job.held_out}"
  result = score(classifier, held_out.images, held_out.labels, train.images)
  title = f"{name}: {result['accuracy']:.1%} of {result['num_images']:,} images"
  picture = confusion_picture(np.array(result["confusion"]), train.class_names, title)
  figures.save_png(job.workdir / "confusion.png", picture)
  write_json(job.workdir / RESULT, {
    "data": job.data,
    "held_out": job.held_out,
    "held_out_fingerprint": held_out.fingerprint,
    "class_names": list(train.class_names),
    "training_fingerprint": train.fingerprint,
    "step": int(state.step),
    "sha256": classifier.sha256,
    "recipe": _config(job).to_dict(),
    "mirrored_mean": True,
    **result,
  })  # fmt: skip
  print(describe(result, name))
  print(f"{job.workdir}/confusion.png, {job.workdir}/{RESULT}", file=sys.stderr)
