"""The command that prepares a set, once more where its report says how it was the first time."""

import shlex
from typing import Any

from dcgan_jax.data import synthetic
from dcgan_jax.data.records import FACE_SHAPE, KINDS
from dcgan_jax.data.reports import image_shape

_FLAGS = ("drop_duplicates", "drop_constant")


def prepare_again(
  name: str, report: dict[str, Any] | None, data_dir: str | None, overwrite: bool
) -> str:
  """The command line, to be typed as it is where the report is whole.

  Args:
    name: of the set.
    report: its report.json, of this or an older version; None where there is none to be read.
    data_dir: as given to the doctor.
    overwrite: whether a set of this version is in the way.
  """
  try:
    words = _as_reported(report or {})
  except (KeyError, TypeError, ValueError, AttributeError):  # JSON, but no longer a report
    # Sets are often called after their kind: faces64, fer2013_clean.
    kind = next((kind for kind in KINDS if name.startswith(kind)), "folder")
    words = [kind, *([] if kind == "synthetic" else ["--source=PATH"])]
  if name != words[0]:
    words.append(f"--name={name}")
  if data_dir:
    words.append(f"--data-dir={data_dir}")
  if overwrite:
    words.append("--overwrite")
  return shlex.join(["python", "-m", "dcgan_jax.prepare", *words])


def _as_reported(report: dict[str, Any]) -> list[str]:
  """The kind, and the options that differ from what they are without being given."""
  kind, options = report["kind"], report["options"]
  if kind not in KINDS:
    raise ValueError(kind)
  words = [kind, *_source(kind, options)]
  if kind == "folder":
    height, _, channels = image_shape(report)
    words += [f"--size={height}"] if height != FACE_SHAPE[0] else []
    words += ["--color"] if channels == 3 else []
  if options["split_by"] != "source":
    words.append(f"--split-by={options['split_by']}")
  if options["on_error"] != "stop":
    words.append(f"--on-error={options['on_error']}")
  return words + [f"--{flag.replace('_', '-')}" for flag in _FLAGS if options[flag]]


def _source(kind: str, options: dict[str, Any]) -> list[str]:
  if kind == "synthetic":
    num, seed = options["num"], options["seed"]
    words = [f"--num={num}"] if num != synthetic.NUM_IMAGES else []
    return words + ([f"--seed={seed}"] if seed else [])
  where, _, slug = options["source"].partition(":")
  if where == "kaggle":
    return [f"--download={slug}"]
  return ["--source=tfds"] if where == "tfds" else [f"--source={options['source']}"]
