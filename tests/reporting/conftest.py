"""Runs made by hand, for pages."""

import pytest
from hand_made import (
  write_run,
)  # fmt: skip

from dcgan_jax.reporting import render


@pytest.fixture
def no_charts(monkeypatch):
  """Charts take nearly all of a page's time."""
  monkeypatch.setattr(render, "svg", lambda chart, name: "<svg></svg>")


@pytest.fixture
def workdir(tmp_path, no_charts):
  """A run whose page has frames for charts."""
  return write_run(tmp_path / "a")


@pytest.fixture
def charted(tmp_path):
  """A run whose page has charts."""
  return write_run(tmp_path / "a")
