"""What the evaluation command compares with: from flags and a run's record to Comparisons."""

import argparse
import functools
import pathlib
from typing import NamedTuple

from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.classification.saved import RESULT, load_classifier
from dcgan_jax.data import reports
from dcgan_jax.data.held_out import held_out_splits
from dcgan_jax.data.records import SPLITS
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
  class_names: tuple[str, ...]  # that its samples are asked to be of; empty where nobody asks


def trained_on(workdir: pathlib.Path, data_dir: str | None) -> Trained:
  """Reads a run's newest record.

  Raises:
    UserError: no such run.
  """
  record = load_record(workdir)
  data = record["config"]["data"]
  asked_for = record["config"]["model"]["name"] in CONDITIONAL or data.get("expression") is not None
  return Trained(
    data["name"],
    data["split"],
    data_dir or data["data_dir"],
    record["data"]["fingerprint"],
    tuple(record["data"]["image_shape"]),
    data.get("expression"),
    tuple(record["data"].get("class_names", ())) if asked_for else (),
  )


def convention(options: argparse.Namespace) -> Resize:
  """The resize that --resize names; else TensorFlow's.

  Raises:
    UserError: it is not given, and a reference of statistics was taken with one or the other.
  """
  if options.resize is not None:
    return Resize(options.resize)
  for name in options.reference:
    if name not in SPLITS and is_statistics_file(pathlib.Path(name)):
      raise UserError(
        f"--reference={name}: statistics do not say how their images were resized for Inception.\n"
        "Say it: --resize=pytorch where pytorch-fid wrote the file, --resize=tensorflow where the "
        "original FID did."
      )
  return Resize.TENSORFLOW


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
      cannot be read; or statistics without --resize.
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
    resize=convention(options),
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

  One that --classifier names may be of another set: its scores say of which.

  Raises:
    UserError: the one that --classifier names cannot be read, or has learnt a set of this name
      with other images.
  """
  data = options.data or (run.name if run else "NAME")
  data_dir = run.data_dir if run else options.data_dir
  if options.classifier:
    given = load_classifier(options.classifier)
    if given.trained_on.name == data:
      _check_learnt(given, options.classifier, data, data_dir)
    return given, ""
  usual = pathlib.Path("runs") / f"classifier-{data}"  # where `dcgan_jax.classify` puts it
  if not (usual / RESULT).is_file():
    return None, (
      f"needs a classifier: train one on real images (python -m dcgan_jax.classify --data={data}), "
      "or name its folder with --classifier"
    )
  try:
    found = load_classifier(usual)
    _check_learnt(found, usual, data, data_dir)
  except UserError as error:
    return None, str(error)
  return found, ""


def _check_learnt(
  classifier: Classifier, folder: pathlib.Path, name: str, data_dir: str | None
) -> None:
  """Refuses a classifier of other images than a set's train split has now.

  What the set holds out now may be among those. A set that is not prepared here holds out nothing.

  Raises:
    UserError: names both folders and the fix.
  """
  location = reports.set_dir(reports.data_dir(data_dir), name)
  if not reports.is_complete(location):
    return
  now = reports.split_info(name, "train", data_dir).fingerprint
  learnt = classifier.trained_on.fingerprint
  if learnt != now:
    where = f" --data-dir={data_dir}" if data_dir else ""
    raise UserError(
      f"{folder}: this classifier has learnt other images ({learnt[:12]}…) than {location} has to "
      f"train on ({now[:12]}…): what is held out there may be among them.\n"
      f"Move {folder} away and train another classifier "
      f"(python -m dcgan_jax.classify --data={name}{where} --out={folder}), "
      "or prepare the set as it was."
    )


def _held_out_split(run: Trained | None, name: str, data_dir: str | None) -> RealImages | None:
  name = run.name if run else name
  for split in held_out_splits(name, data_dir):
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
  return only(real, run.expression)


def _label(options: argparse.Namespace, name: str, run: Trained | None) -> str:
  """How metrics call the reference: a bare split's name is that of the samples' own data."""
  if name not in SPLITS:
    path = pathlib.Path(name).resolve()
    return f"{path.parent.name}-{path.name}" if path.name in SPLITS else path.name
  if run and options.data and options.data != run.name:
    return f"{options.data}-{name}"
  return f"{name}_{run.expression}" if run and run.expression else name
