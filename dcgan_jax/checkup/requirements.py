"""What this version of dcgan_jax asks of other packages, and what is installed of them."""

import importlib.metadata
import pathlib
import tomllib
from typing import Any, NamedTuple

import dcgan_jax
from dcgan_jax.errors import UserError

try:
  from packaging.requirements import Requirement
  from packaging.specifiers import SpecifierSet
except ImportError as error:  # it comes with others, and no other command needs it
  raise UserError(f"versions cannot be compared: {error}\npip install packaging") from error

NAME = "dcgan_jax"


class Demands(NamedTuple):
  """What a version of the package needs.

  Attributes:
    python: versions of Python, as in ">=3.11,<3.14".
    packages: what every command needs on this machine.
    extras: what each extra adds, by its name.
  """

  python: str
  packages: list[Requirement]
  extras: dict[str, list[Requirement]]


def demands() -> Demands | None:
  """By the pyproject.toml of a checkout, else as installed; None where there is neither."""
  project = pathlib.Path(dcgan_jax.__file__).parents[1] / "pyproject.toml"
  if project.is_file():
    table = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
    if table.get("name") == NAME:
      return _of_project(table)
  try:
    about = importlib.metadata.metadata(NAME)
  except importlib.metadata.PackageNotFoundError:
    return None
  texts = importlib.metadata.requires(NAME) or []
  extras = about.get_all("Provides-Extra") or []
  return Demands(
    python=about["Requires-Python"] or "",
    packages=_here(texts),
    extras={extra: _only_of(texts, extra) for extra in extras},
  )


def _of_project(table: dict[str, Any]) -> Demands:
  extras = table.get("optional-dependencies", {})
  return Demands(
    python=table.get("requires-python", ""),
    packages=_here(table.get("dependencies", [])),
    extras={extra: _here(texts) for extra, texts in extras.items()},
  )


def _here(texts: list[str]) -> list[Requirement]:
  """Those whose markers hold on this machine, where no extra is asked for."""
  found = [Requirement(text) for text in texts]
  return [one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})]


def _only_of(texts: list[str], extra: str) -> list[Requirement]:
  found = [Requirement(text) for text in texts]
  return [
    one
    for one in found
    if one.marker
    and one.marker.evaluate({"extra": extra})
    and not one.marker.evaluate({"extra": ""})
  ]


def installed(distribution: str) -> str | None:
  """The version of a package that is installed, or None."""
  try:
    return importlib.metadata.version(distribution)
  except importlib.metadata.PackageNotFoundError:
    return None


def python_fits(asked: str, version: str) -> bool:
  """Whether a version of Python is among those asked for."""
  return SpecifierSet(asked).contains(version, prereleases=True)


def fits(requirement: Requirement, version: str) -> bool:
  """Whether a version is among those asked for; release candidates count as their release."""
  return requirement.specifier.contains(version, prereleases=True)
