import platform

import pytest
from packaging.requirements import Requirement

import dcgan_jax
from dcgan_jax.checkup import packages
from dcgan_jax.checkup.finding import State
from dcgan_jax.checkup.requirements import Demands


@pytest.fixture
def asked(monkeypatch):
  """Has this version ask for other packages, or nothing be known of it."""

  def asked(*texts, python=">=3"):
    demands = Demands(python, [Requirement(text) for text in texts], {})
    monkeypatch.setattr(packages, "demands", lambda: demands)

  return asked


def found():
  return {finding.what: finding for finding in packages.findings(None)}


def test_what_the_tests_run_in_is_in_order():
  lines = found()
  assert {line.state for line in lines.values()} == {State.GOOD}
  assert lines["Python"].detail.startswith(platform.python_version())
  assert dcgan_jax.__version__ in lines["dcgan_jax"].detail
  assert "jax 0." in lines["packages"].detail


def test_another_python_stops_trainings(asked):
  asked(python="<3")
  line = found()["Python"]
  assert (line.state, line.vital) == (State.WRONG, True)
  assert line.detail == f"{platform.python_version()}; <3 is needed"


def test_a_package_out_of_range_stops_trainings_and_is_told_with_the_command(asked):
  asked("pytest<1", "numpy")
  lines = found()
  assert lines["pytest"].detail == f"{pytest.__version__} is there; <1 is needed"
  assert (lines["pytest"].fix, lines["pytest"].vital) == ('pip install "pytest<1"', True)
  assert "packages" not in lines


def test_a_package_that_is_missing_is_told_likewise(asked):
  asked("a-package-that-nobody-has>=2")
  line = found()["a-package-that-nobody-has"]
  assert line.detail == "not installed; >=2 is needed"
  assert line.fix == 'pip install "a-package-that-nobody-has>=2"'


def test_where_nothing_says_what_is_needed_versions_are_told(monkeypatch):
  monkeypatch.setattr(packages, "demands", lambda: None)
  line = found()["packages"]
  assert line.state is State.ABSENT
  assert "jax 0." in line.detail
