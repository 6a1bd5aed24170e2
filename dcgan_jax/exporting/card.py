"""README.md of an exported generator: what it is, how good, and what it may be used for.

Hugging Face reads its head as the model card's metadata.
"""

import dataclasses
import functools
import json
import pathlib
from collections.abc import Sequence
from typing import Any

import jinja2

from dcgan_jax.errors import printable
from dcgan_jax.exporting import onnx_model
from dcgan_jax.exporting.description import EMA, Description
from dcgan_jax.exporting.licences import licence_of
from dcgan_jax.reporting.facts import changed, data_facts
from dcgan_jax.reporting.run_files import RunFiles, read_run
from dcgan_jax.reporting.score_table import score_tables
from dcgan_jax.trained import saved_at

Row = dict[str, Any]

_LIBRARIES = {"safetensors": "jax", "stablehlo": "jax", "onnx": "onnx", "web": "onnx"}

# Of what Markdown takes as its own, what names may have; it leaves a `_` inside of a word alone.
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*<>[]|$"} | {"\n": " "})


class _Verbatim(str):
  """What goes into the card as it is."""


def card(
  description: Description, workdir: pathlib.Path, form: str, measured: Sequence[str]
) -> str:
  """Writes the card.

  Args:
    description: of the generator.
    workdir: its run's folder, whose evaluation.jsonl has the scores.
    form: the format of the export, which there is a template for.
    measured: what has been measured of the files, in sentences.

  Returns:
    Markdown, with YAML before it.
  """
  about, config = description, description["config"]
  height, width, channels = about["image_shape"]
  run = read_run(workdir)
  # What is exported may be an older state than the files of the run are of.
  run = dataclasses.replace(run, config=config, run={"data": about["data"]})
  rows = _scores(run, about["step"], about["weights"])
  lines = score_tables(rows)[0].lines if rows else []
  names = ["latents", *(["classes"] if about["class_names"] else [])]
  return (
    _templates()
    .get_template("README.md.j2")
    .render(
      about=about,
      format=form,
      library=_LIBRARIES[form],
      measured=measured,
      model=config["model"]["name"],
      expression=config["data"]["expression"],
      height=height,
      width=width,
      channels=channels,
      step=f"{about['step']:,}",
      weights="averaged (EMA)" if about["weights"] == EMA else "raw",
      ema_flag=" --ema" if about["weights"] == EMA else "",
      data=data_facts(run),
      batch_size=config["batch_size"],
      images_seen=f"{about['step'] * config['batch_size']:,}",
      changed=changed(config),
      versions=", ".join(f"{name} {one}" for name, one in about["trained_with"].items()),
      scores=[line for line in lines if not _is_memorization(line.metric)],
      memorization=[line for line in lines if _is_memorization(line.metric)],
      protocol=_protocol(rows),
      licence=licence_of(config["data"]["name"]),
      opset=onnx_model.OPSET,
      arguments=", ".join(names),
      feeds=_Verbatim(", ".join(f'"{name}": {name}' for name in names)),
    )
  )


def _scores(run: RunFiles, step: int, kind: str) -> list[Row]:
  """The rows of evaluation.jsonl that are of one checkpoint's weights."""
  subject = {"step": step, "generator": kind, "saved_at": saved_at(run.workdir, step)}
  return [row for row in run.scores if row["subject"] == subject]


def _is_memorization(metric: str) -> bool:
  return metric.startswith("memorization")


def _protocol(rows: Sequence[Row]) -> list[str]:
  """What the scores were taken with, each once."""
  told = []
  for request in (row["request"] for row in rows):
    reference = request.get("reference")
    if isinstance(reference, dict):
      told.append(f"Reference {reference.get('name')}: SHA-256 {reference.get('sha256')}")
    if inception := request.get("inception_sha256"):
      told.append(f"Inception weights: SHA-256 {inception}, resize {request.get('resize')}")
    if classifier := request.get("classifier_sha256"):
      told.append(f"Classifier of expressions: SHA-256 {classifier}")
    told.append(f"Seed of the samples: {request.get('seed')}")
  return list(dict.fromkeys(told))


def _plain(value: Any) -> str:
  """A value as Markdown shows it: names of data sets and classes may hold anything."""
  if isinstance(value, _Verbatim):
    return value
  return printable(str(value)).translate(_MARKDOWN)


def _json(text: str) -> _Verbatim:
  """A string as YAML reads it too."""
  return _Verbatim(json.dumps(text))


def _comment(text: str) -> _Verbatim:
  """What follows # in a program: one line, whatever it is, that does not end its block."""
  return _Verbatim(printable(text.replace("\n", " ")).replace("`", "'"))


@functools.cache
def _templates() -> jinja2.Environment:
  environment = jinja2.Environment(
    loader=jinja2.PackageLoader("dcgan_jax.exporting"),
    finalize=_plain,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
  )
  environment.filters |= {"json": _json, "comment": _comment}
  return environment
