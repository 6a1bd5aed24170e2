"""What the evaluation command compares with: from flags and a run's record to a Comparison."""

import argparse
import functools
import pathlib
from typing import NamedTuple

from dcgan_jax.data.records import SPLITS
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.real_images import RealImages, from_folder, from_prepared
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.scoring import Comparison
from dcgan_jax.evaluation.statistics_file import is_statistics_file, load_statistics
from dcgan_jax.evaluation.store import default_store
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.resize import Resize
from dcgan_jax.trained import load_record

Shape = tuple[int, int, int]


class Trained(NamedTuple):
  """The data set that a run was trained on."""

  name: str
  split: str
  data_dir: str | None
  fingerprint: str
  image_shape: Shape


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
  )


def comparison(
  options: argparse.Namespace, run: Trained | None, extractor: Extractor | None
) -> Comparison:
  """Builds the comparison that the flags ask for.

  Args:
    options: the command's flags.
    run: what the run was trained on; None where a folder is scored.
    extractor: None where there are no weights.

  Raises:
    UserError: data that are not prepared or not those the run was trained on, or a reference that
      cannot be read.
  """
  known: dict[tuple[str, str], Reference] = {}

  def reference(real: RealImages) -> Reference:
    key = (real.description, real.fingerprint)
    return known.setdefault(key, Reference(real, default_store(), extractor))

  name: str = options.data or (run.name if run else "")
  data_dir = run.data_dir if run else options.data_dir
  train = held_out = None
  if run or name:
    train = reference(_training_set(run) if run else from_prepared(name, "train", data_dir))
    test = _test_split(run.name if run else name, data_dir)
    held_out = reference(test) if test else None

  build = functools.partial(
    Comparison, train=train, held_out=held_out, seed=options.seed, resize=Resize(options.resize)
  )
  path = pathlib.Path(options.reference)
  if options.reference not in SPLITS and is_statistics_file(path):
    gaussian, sha256 = load_statistics(path)
    return build(label=path.stem, identity=sha256, gaussian=lambda: gaussian, reference=None)
  if options.reference in SPLITS:
    chosen = reference(from_prepared(name, options.reference, data_dir))
  else:
    chosen = reference(from_folder(path, run.image_shape if run else None))
  return build(
    label=chosen.label,
    identity=chosen.fingerprint,
    gaussian=lambda: chosen.gaussian,
    reference=chosen,
  )


def _training_set(run: Trained) -> RealImages:
  real = from_prepared(run.name, run.split, run.data_dir)
  if real.fingerprint != run.fingerprint:
    raise UserError(
      f"data set {real.description} holds other images than this run was trained on "
      f"({real.fingerprint[:12]}… instead of {run.fingerprint[:12]}…).\n"
      "Prepare it as it was then, or name the right place with --data-dir."
    )
  return real


def _test_split(name: str, data_dir: str | None) -> RealImages | None:
  try:
    return from_prepared(name, "test", data_dir)
  except UserError:  # many sets have no test split; their training split was found before
    return None
