"""What not everybody needs: the package's extras, and programs that it calls."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from typing import NamedTuple

from dcgan_jax.checkup.finding import Finding, absent, good, wrong
from dcgan_jax.checkup.requirements import Requirement, demands, fits, installed
from dcgan_jax.reporting.browser_picture import find_browser


class Part(NamedTuple):
  """A package of an extra."""

  distribution: str
  module: str  # by which it is found where another distribution has brought it


class Extra(NamedTuple):
  """One of pyproject.toml's extras, and what it is for."""

  name: str
  parts: tuple[Part, ...]
  purpose: str


EXTRAS = (
  Extra(
    "tpu", (Part("libtpu", "libtpu"),), "trains on TPUs, compiles for those that are elsewhere"
  ),
  Extra("cuda", (Part("jax-cuda12-plugin", "jax_cuda12_plugin"),), "trains on NVIDIA GPUs"),
  Extra("download", (Part("kagglehub", "kagglehub"),), "fetches FER-2013 and CK+ from Kaggle"),
  Extra(
    "faces",
    (Part("opencv-python-headless", "cv2"),),
    "finds the faces in photographs (prepare faces)",
  ),
  Extra(
    "export",
    (Part("onnx", "onnx"), Part("onnxruntime", "onnxruntime"), Part("safetensors", "safetensors")),
    "writes generators as ONNX, safetensors and web pages",
  ),
  Extra("wandb", (Part("wandb", "wandb"),), "shows trainings in Weights & Biases (main --wandb)"),
)


def findings(data_dir: str | None) -> Iterator[Finding]:
  """A line for each extra and program."""
  del data_dir  # nothing of it is data
  asked = demands()
  for extra in EXTRAS:
    yield _extra(extra, asked.extras.get(extra.name, []) if asked else [])
  yield _program(
    "npm", shutil.which("npm"), "fetches ONNX Runtime Web for the browser demo, once", "npm", "node"
  )
  yield _program(
    "Chromium",
    find_browser(),
    "takes pictures of reports (report --picture)",
    "chromium",
    "chromium",
  )


def _extra(extra: Extra, requirements: list[Requirement]) -> Finding:
  fix = f'pip install ".[{extra.name}]"'
  versions = {part.distribution: _version(part) for part in extra.parts}
  missing = [name for name, version in versions.items() if version is None]
  if missing:
    return absent(extra.name, f"{extra.purpose}; {', '.join(missing)} not installed", fix)
  for requirement in requirements:
    version = versions.get(requirement.name)
    if version and not fits(requirement, version):
      there = f"{requirement.name} {version} is there, {requirement.specifier} is needed"
      return wrong(extra.name, f"{extra.purpose}; {there}", fix)
  there = ", ".join(f"{name} {version}".strip() for name, version in versions.items())
  return good(extra.name, f"{extra.purpose}: {there}")


def _version(part: Part) -> str | None:
  """Its version; '' where another distribution has brought the module, None where none has."""
  version = installed(part.distribution)
  if version is None and importlib.util.find_spec(part.module) is not None:
    return ""
  return version


def _program(name: str, path: str | None, purpose: str, debian: str, brew: str) -> Finding:
  if path is not None:
    return good(name, f"{purpose}: {path}")
  fix = f"brew install {brew}" if sys.platform == "darwin" else f"apt install {debian}"
  return absent(name, f"{purpose}; not installed", fix)
