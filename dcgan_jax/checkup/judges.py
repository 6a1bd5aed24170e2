"""What evaluations look through: Inception's weights, and classifiers of expressions."""

import pathlib
from collections.abc import Iterator

from dcgan_jax.checkup.data_sets import labelled
from dcgan_jax.checkup.finding import Finding, absent, good, wrong
from dcgan_jax.data import reports
from dcgan_jax.errors import UserError
from dcgan_jax.files import read_json
from dcgan_jax.metrics.weight_files import OFFICIAL, identify
from dcgan_jax.metrics.weights import find_weights
from dcgan_jax.quantities import bytes_text

_FETCH = "python -m dcgan_jax.metrics.weights"
_RESULT = "result.json"  # of classification/saved.py, which would load jax
_CLASSIFY = "python -m dcgan_jax.classify"


def findings(data_dir: str | None) -> Iterator[Finding]:
  """The weights, then the classifiers where the command leaves them."""
  yield from _inception()
  found = sorted(pathlib.Path("runs").glob("classifier-*/"))
  for folder in found:
    yield _classifier(folder, data_dir)
  if not found:
    names = labelled(data_dir)
    detail = "none in runs; --metrics=expression,cas and config.model.classifier need one"
    yield absent("classifier", detail, f"{_CLASSIFY} --data={names[0] if names else 'fer2013'}")


def _inception() -> Iterator[Finding]:
  try:
    path = find_weights(None)
    known = None if path is None else identify(path)
  except UserError as error:
    yield wrong("Inception", str(error).splitlines()[0], _FETCH)
    return
  if path is None:
    yield absent("Inception", "not here; FID, KID, IS, precision and recall need it", _FETCH)
    return
  yield good("Inception", f"{path}, {bytes_text(path.stat().st_size)}")
  if known != OFFICIAL:
    detail = "not by this file, which has all but the last layer; another has that too"
    yield absent("Inception Score", detail, f"{_FETCH} --source=official")


def _classifier(folder: pathlib.Path, data_dir: str | None) -> Finding:
  name = folder.name.removeprefix("classifier-")
  again = f"{_CLASSIFY} --data={name} --out={folder}"
  if not (folder / _RESULT).exists():
    return absent(str(folder), "its training is not finished", again)
  try:
    result = read_json(folder / _RESULT)
    count, rate, name = result["num_images"], result["accuracy"], result["data"]
    detail = f"recognises {rate:.1%} of {count:,} images of {name}/{result['held_out']}"
    learnt = result["training_fingerprint"]
  except (OSError, ValueError, KeyError, TypeError):
    return wrong(str(folder), f"{_RESULT} is damaged, or of an older version", again)
  try:
    has_changed = reports.split_info(name, "train", data_dir).fingerprint != learnt
  except UserError:  # the set is not here, and nobody can be misled
    has_changed = False
  if has_changed:
    detail = f"has learnt other images than {name} has now"
    return wrong(str(folder), detail, f"move {folder} away, and {_CLASSIFY} --data={name}")
  return good(str(folder), detail)
