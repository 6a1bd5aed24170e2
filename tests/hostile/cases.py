"""Hostile files by name: what makes one, and which of them every run of the tests tries."""

import pathlib
from collections.abc import Callable, Mapping

import pytest

# Writes a hostile file into a folder and returns the path to name.
Maker = Callable[[pathlib.Path], pathlib.Path]


def some(cases: Mapping[str, object], *fast: str) -> list:
  """All cases, of which only these are no slow tests."""
  assert set(fast) <= set(cases)
  return [
    pytest.param(name, marks=[] if name in fast else pytest.mark.slow, id=name) for name in cases
  ]


def each_apart(top: pathlib.Path, cases: Mapping[str, Maker]) -> dict[str, pathlib.Path]:
  """Makes each in a folder of its own under `top`, and returns the paths to name."""
  paths = {}
  for number, (name, maker) in enumerate(cases.items()):
    folder = top / f"{number:02d}"
    folder.mkdir(parents=True)
    paths[name] = maker(folder)
  return paths
