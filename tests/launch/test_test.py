"""launch/test.sh, where every program only notes its arguments."""

import os
import shutil
import subprocess
import sys

import pytest

from .checkouts import mark_as_made

PEERS = "requirements-peers.txt"
PYTEST = ["pytest", "-n", "2", "--dist", "worksteal", "-m"]


@pytest.fixture
def tested(repository, tmp_path):
  """Runs launch/test.sh where every program only notes its arguments; returns the new notes."""
  shutil.copytree(repository / "launch", tmp_path / "launch")
  venv, notes = tmp_path / ".venv-test", tmp_path / "notes"
  (venv / "bin").mkdir(parents=True)
  for name in ("python", "ruff", "mypy", "pytest"):
    program = venv / "bin" / name
    note = f"""printf '%s;' {name} "$@" >>'{notes}'; echo >>'{notes}'"""
    program.write_text(f'#!/bin/bash\n{note}\nexit "${{FAIL_{name}:-0}}"\n')
    program.chmod(0o755)
  mark_as_made(venv, "requirements-dev.txt")

  def run(*arguments, **variables):
    notes.write_text("")
    environment = {name: value for name, value in os.environ.items() if name != "MARKERS"}
    done = subprocess.run(
      ["bash", "launch/test.sh", *arguments], cwd=tmp_path, check=False, capture_output=True,
      text=True, env={**environment, "PYTHON": sys.executable, **variables},
    )  # fmt: skip
    return done.returncode, [line.rstrip(";").split(";") for line in notes.read_text().splitlines()]

  return run


def installs_peers(notes):
  return any(line[0] == "python" and line[-1] == f"launch/{PEERS}" for line in notes)


def test_the_tests_run_without_peers_and_slow_tests_unless_asked(tested):
  code, notes = tested("tests/gan", "-k", "two words")
  assert code == 0
  assert not installs_peers(notes)
  assert notes[-1] == [*PYTEST, "not slow", "tests/gan", "-k", "two words"]


def test_with_peers_the_slow_tests_run_too(tested):
  code, notes = tested("--peers", "tests/gan", "-x")
  assert code == 0
  assert installs_peers(notes)
  assert notes[-1] == [*PYTEST, "slow or not slow", "tests/gan", "-x"]


def test_the_markers_can_be_chosen_in_both_cases(tested):
  for arguments in ([], ["--peers"]):
    _, notes = tested(*arguments, MARKERS="slow")
    assert notes[-1] == [*PYTEST, "slow"]


def test_peers_are_installed_once(tested):
  assert installs_peers(tested("--peers")[1])
  assert not installs_peers(tested("--peers")[1])


def test_peers_that_failed_to_install_are_tried_again_and_stop_the_run(tested):
  code, notes = tested("--peers", FAIL_python="1")
  assert code == 1
  assert [line[0] for line in notes] == ["python"]
  assert installs_peers(tested("--peers")[1])
