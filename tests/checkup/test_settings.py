import os
import re

import pytest

from dcgan_jax.checkup import settings
from dcgan_jax.checkup.finding import State


@pytest.fixture(autouse=True)
def bare(monkeypatch):
  for name in list(os.environ):
    if name.startswith("DCGAN_JAX_") or name == "JAX_PLATFORMS":
      monkeypatch.delenv(name)


def found():
  return [(one.state, one.what, one.detail) for one in settings.findings(None)]


def test_our_settings_are_shown_and_no_others(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_DATA", "/data")
  monkeypatch.setenv("JAX_PLATFORMS", "cpu")
  monkeypatch.setenv("WANDB_API_KEY", "secret")
  monkeypatch.setenv("JAX_TRACEBACK_FILTERING", "off")
  assert found() == [
    (State.GOOD, "DCGAN_JAX_DATA", "/data"),
    (State.GOOD, "JAX_PLATFORMS", "cpu"),
  ]


def test_where_none_is_set_their_names_are_told():
  ((state, _, detail),) = found()
  assert state is State.ABSENT
  for name in ("JAX_PLATFORMS", "DCGAN_JAX_DATA", "DCGAN_JAX_REFERENCES", "DCGAN_JAX_WEIGHTS"):
    assert name in detail


def test_a_misspelt_setting_is_told_and_what_is_in_it_is_not(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_DATADIR", "/data")
  ((state, what, detail),) = found()
  assert (state, what) == (State.WRONG, "DCGAN_JAX_DATADIR")
  assert "nothing reads it" in detail
  assert "/data" not in detail


def test_every_setting_that_the_package_reads_is_known(repository):
  files = (repository / "dcgan_jax").rglob("*.py")
  texts = [file.read_text(encoding="utf-8") for file in files]
  assert {
    name for text in texts for name in re.findall("DCGAN_JAX_[A-Z]+", text)
  } == settings._KNOWN
