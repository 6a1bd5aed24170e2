"""The place that each test of hostile files has to itself."""

import pathlib

import pytest

from .place import Place


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
  """A folder for a hostile file and what a command writes."""
  return Place(tmp_path)
