import sys
import types

import pytest

from dcgan_jax.checkup.examine import CHECKS, Check, examine
from dcgan_jax.checkup.finding import State, good
from dcgan_jax.errors import UserError


@pytest.fixture
def check(monkeypatch):
  """A check whose findings a test gives."""

  def check(findings, vital=False):
    module = types.ModuleType("made")
    module.findings = findings
    monkeypatch.setitem(sys.modules, "dcgan_jax.checkup.made", module)
    return Check("A title", "made", vital)

  return check


def test_a_check_is_given_the_data_directory(check):
  (line,) = examine(check(lambda data_dir: [good("folder", data_dir)]), "somewhere")
  assert line.detail == "somewhere"


def test_what_was_found_before_a_check_breaks_off_is_told(check):
  def findings(data_dir):
    yield good("first", "is well")
    raise RuntimeError("the second\nis not")

  first, second = examine(check(findings), None)
  assert first.what == "first"
  assert (second.state, second.what) == (State.WRONG, "A title")
  assert second.detail == "could not be looked at: RuntimeError: the second"


@pytest.mark.parametrize("error", [SystemExit("a config ends it"), RecursionError(), MemoryError()])
def test_nothing_that_a_check_raises_goes_further(check, error):
  def findings(data_dir):
    raise error

  (line,) = examine(check(findings, vital=True), None)
  assert line.detail.startswith(f"could not be looked at: {type(error).__name__}")
  assert line.vital


def test_a_mistake_is_told_in_its_own_words_with_its_way_out(check):
  def findings(data_dir):
    raise UserError("data directory gs://bucket: a local folder is needed.\nCopy the set\nhere.")

  (line,) = examine(check(findings), None)
  assert line.detail == "data directory gs://bucket: a local folder is needed."
  assert line.fix == "Copy the set here."


def test_what_versions_are_compared_with_may_be_missing(monkeypatch):
  monkeypatch.setitem(sys.modules, "packaging.requirements", None)
  monkeypatch.delitem(sys.modules, "dcgan_jax.checkup.requirements", raising=False)
  monkeypatch.delitem(sys.modules, "dcgan_jax.checkup.packages", raising=False)
  (line,) = examine(CHECKS[0], None)
  assert line.detail.startswith("versions cannot be compared: ")
  assert line.fix == "pip install packaging"
  assert line.vital


def test_every_check_has_its_module():
  for check in CHECKS:
    assert __import__(f"dcgan_jax.checkup.{check.module}", fromlist=["findings"]).findings
