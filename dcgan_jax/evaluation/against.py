"""What the evaluation command compares with: from flags and a run's record to Comparisons."""

import argparse
import functools
import pathlib
from typing import NamedTuple

from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.classification.saved import RESULT, load_classifier
from dcgan_jax.data.records import SPLITS
from dcgan_jax.data.reports import split_names
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.comparison import Comparison
from dcgan_jax.evaluation.real_images import RealImages, from_folder, from_prepared, only
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.statistics_file import is_statistics_file, load_statistics
from dcgan_jax.evaluation.store import default_store
from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.models.build import CONDITIONAL
from dcgan_jax.trained import load_record

Shape = tuple[int, int, int]


class Trained(NamedTuple):
  """The data set that a run was trained on."""

  name: str
  split: str
  data_dir: str | None
  fingerprint: str
  image_shape: Shape
  expression: str | None  # the one class of it, if any
  asked_for: bool  # whether its samples are asked to be of a class


def trained_on(workdir: pathlib.Path, data_dir: str | None) -> Trained:
  """Reads a run's newest record.

  Raises:
    UserError: no such run.
  """
  record = load_record(workdir)
  data = record["config"]["data"]
  return Trained(
    data["name"],
    data["split"],
    data_dir or data["data_dir"],
    record["data"]["fingerprint"],
    tuple(record["data"]["image_shape"]),
    data.get("expression"),
    record["config"]["model"]["name"] in CONDITIONAL or data.get("expression") is not None,
  )


def comparisons(
  options: argparse.Namespace,
  run: Trained | None,
  extractor: Extractor | None,
  judge: tuple[Classifier | None, str] = (None, ""),
) -> list[Comparison]:
  """Builds a comparison for each --reference; images that two of them need are there once.

  Args:
    options: the command's flags.
    run: what the run was trained on; None where a folder is scored.
    extractor: None where there are no weights.
    judge: from `find_classifier`.

  Raises:
    UserError: data that are not prepared or not those the run was trained on, or a reference that
      cannot be read.
  """
  known: dict[tuple[str, str], Reference] = {}

  def reference(real: RealImages) -> Reference:
    key = (real.description, real.fingerprint)
    return known.setdefault(key, Reference(real, default_store(), extractor))

  data: str = options.data or (run.name if run else "")
  data_dir = run.data_dir if run else options.data_dir
  train, no_train = _training_set(run, data, data_dir)
  unseen = _held_out_split(run, data, data_dir) if train else None
  classifier, no_classifier = judge
  build = functools.partial(
    Comparison,
    train=reference(train) if train else None,
    no_train=no_train,
    held_out=reference(unseen)
    if unseen and train and unseen.fingerprint != train.fingerprint
    else None,
    seed=options.seed,
    resize=Resize(options.resize),
    classifier=classifier,
    no_classifier=no_classifier,
  )

  def against(name: str) -> Comparison:
    path = pathlib.Path(name)
    if name not in SPLITS and is_statistics_file(path):
      gaussian, sha256 = load_statistics(path)
      return build(label=path.stem, identity=sha256, gaussian=lambda: gaussian, reference=None)
    if name not in SPLITS:
      chosen = reference(from_folder(path, run.image_shape if run else None))
    elif name == "train" and not options.data:
      if train is None:
        raise UserError(no_train)
      chosen = reference(train)  # the split that the run was trained on, whatever it is called
    else:
      own = run if run and data == run.name else None
      chosen = reference(_split(own, data, name, data_dir))
    return build(
      label=_label(options, name, run),
      identity=chosen.fingerprint,
      gaussian=lambda: chosen.gaussian,
      reference=chosen,
    )

  return [against(name) for name in options.reference]


def _training_set(
  run: Trained | None, name: str, data_dir: str | None
) -> tuple[RealImages | None, str]:
  """The training set, or None and the reason why there is none."""
  if not name:
    return None, "needs the training set: name it with --data"
  try:
    if not run:
      return from_prepared(name, "train", data_dir), ""
    real = _split(run, run.name, run.split, data_dir)
  except UserError as error:
    return None, str(error)
  if real.fingerprint != run.fingerprint:
    return None, (
      f"data set {real.description} holds other images than this run was trained on "
      f"({real.fingerprint[:12]}… instead of {run.fingerprint[:12]}…).\n"
      "Prepare it as it was then, or name the right place with --data-dir."
    )
  return real, ""


def find_classifier(
  options: argparse.Namespace, run: Trained | None
) -> tuple[Classifier | None, str]:
  """The classifier of expressions, or None and how to get one.

  Raises:
    UserError: the one that --classifier names cannot be read.
  """
  if options.classifier:
    return load_classifier(options.classifier), ""
  data = options.data or (run.name if run else "NAME")
  usual = pathlib.Path("runs") / f"classifier-{data}"  # where `dcgan_jax.classify` puts it
  if not (usual / RESULT).is_file():
    return None, (
      f"needs a classifier: train one on real images (python -m dcgan_jax.classify --data={data}), "
      "or name its folder with --classifier"
    )
  try:
    return load_classifier(usual), ""
  except UserError as error:
    return None, str(error)


def _held_out_split(run: Trained | None, name: str, data_dir: str | None) -> RealImages | None:
  """The test split, else the validation split: many copies of FER-2013 have only one of them."""
  name = run.name if run else name
  for split in ("test", "validation"):
    if split in split_names(name, data_dir):
      try:
        return _split(run, name, split, data_dir)
      except UserError:  # it has no image of the one class that the run has learnt
        continue
  return None


def _split(run: Trained | None, name: str, split: str, data_dir: str | None) -> RealImages:
  """A split of a prepared set; for a run that learnt one class of it, of that class alone."""
  real = from_prepared(name, split, data_dir)
  if run is None or run.expression is None:
    return real
  return only(real, run.expression, default_store())


def _label(options: argparse.Namespace, name: str, run: Trained | None) -> str:
  """How metrics call the reference: a bare split's name is that of the samples' own data."""
  if name not in SPLITS:
    path = pathlib.Path(name).resolve()
    return f"{path.parent.name}-{path.name}" if path.name in SPLITS else path.name
  if run and options.data and options.data != run.name:
    return f"{options.data}-{name}"
  return f"{name}_{run.expression}" if run and run.expression else name
