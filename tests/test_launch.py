"""The launch scripts, without installing anything: an environment is put in their way."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
from unittest import mock

import pytest

SCRIPTS = ["environment.sh", "quickstart.sh", "test.sh"]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PEERS = "requirements-peers.txt"
PYTEST = ["pytest", "-n", "2", "--dist", "worksteal", "-m"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_parses(repository, script):
  subprocess.run(["bash", "-n", repository / "launch" / script], check=True)


def pins(path):
  """{name: version} of a lock file's lines."""
  return dict(
    re.findall(r"^([a-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([^\s;\\]+)", path.read_text(), re.M)
  )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_exact_versions_with_hashes_and_no_addresses(repository, lock):
  path = repository / "launch" / lock
  text = path.read_text()
  assert "://" not in text
  requirements = [line for line in text.splitlines() if line and not line.startswith(" ")]
  assert len(requirements) == len(pins(path))
  for block in re.split(r"\n(?=\S)", text.strip()):
    assert "--hash=sha256:" in block, block


def test_the_locks_hold_every_dependency_and_agree(repository):
  project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]

  def names(requirements):
    return {re.match(r"[\w-]+", requirement)[0].lower() for requirement in requirements}

  base, dev = (pins(repository / "launch" / lock) for lock in LOCKS)
  assert names(project["dependencies"]) <= base.keys()
  assert names(project["optional-dependencies"]["dev"]) <= dev.keys()
  assert base.items() <= dev.items()


def test_the_peers_have_exact_versions_that_fit_the_lock_and_no_addresses(repository):
  project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
  path = repository / "launch" / PEERS
  lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
  peers, dev = pins(path), pins(repository / "launch" / LOCKS[1])
  assert len(peers) == len(lines)
  assert "://" not in path.read_text()
  shared = peers.keys() & dev.keys()
  assert {name: peers[name] for name in shared} == {name: dev[name] for name in shared}
  for requirement in project["optional-dependencies"]["peers"]:
    name, _, exact = requirement.partition("==")
    assert peers[re.match(r"[\w-]+", name)[0]] == (exact or mock.ANY)


@pytest.fixture
def checkout(repository, tmp_path):
  """A copy of the checkout whose .venv is this very environment, marked as up to date."""
  copy = tmp_path / "checkout"
  ignore = shutil.ignore_patterns(".*", "runs", "__pycache__")
  shutil.copytree(repository, copy, ignore=ignore)
  venv = copy / ".venv"
  (venv / "bin").mkdir(parents=True)
  (venv / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
  (venv / "bin" / "python").chmod(0o755)
  mark_as_made(venv, "requirements.txt")
  return copy


def mark_as_made(venv, lock):
  """Leaves the stamp of an environment that has what the lock pins."""
  stamp = f'echo "$("$PYTHON" --version) $(cksum <launch/{lock})"'
  written = subprocess.run(
    ["bash", "-c", stamp], cwd=venv.parent, env={**os.environ, "PYTHON": sys.executable},
    check=True, capture_output=True, text=True,
  )  # fmt: skip
  (venv / ".stamp").write_text(written.stdout)


def quickstart(checkout, python, *arguments, **environment):
  return subprocess.run(
    ["bash", "launch/quickstart.sh", *arguments], cwd=checkout, check=False, capture_output=True,
    text=True, env={**os.environ, "PYTHON": str(python), **environment},
  )  # fmt: skip


@pytest.mark.slow
def test_quickstart_trains_draws_and_says_what_to_type_next(checkout, tmp_path):
  small = ("--config.num_steps=2", "--config.model.width=2")
  result = quickstart(checkout, sys.executable, *small, DCGAN_JAX_DATA=str(tmp_path / "data"))
  assert result.returncode == 0, result.stderr
  run = checkout / "runs" / "quickstart"
  for name in (
    "faces.png",
    "curves.png",
    "finished.json",
    "samples/00000002.png",
    "evaluation.jsonl",
  ):
    assert (run / name).exists(), name
    if name.endswith(".png"):
      assert f"runs/quickstart/{name.split('/')[0]}" in result.stdout
  assert "swd2048_train" in result.stdout
  assert "python -m dcgan_jax.main --config=configs/ex2.py" in result.stdout


def test_an_environment_that_failed_half_way_is_made_again(checkout, tmp_path):
  # As Debian's python without python3-venv: the folder is made, then ensurepip is missing.
  broken = tmp_path / "python"
  broken.write_text(
    f'#!/bin/sh\ncase "$*" in *venv*) mkdir -p .venv/bin; touch .venv/bin/half; exit 1;; esac\n'
    f'exec "{sys.executable}" "$@"\n'
  )
  broken.chmod(0o755)
  shutil.rmtree(checkout / ".venv")
  for _ in range(2):
    result = quickstart(checkout, broken)
    assert result.returncode == 1
    assert "Installing into .venv" in result.stderr
    assert "not made here" not in result.stderr


def test_of_an_environment_for_another_lock_nothing_stays(checkout, tmp_path):
  failing = tmp_path / "python"
  failing.write_text(
    f'#!/bin/sh\ncase "$*" in *venv*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'
  )
  failing.chmod(0o755)
  (checkout / ".venv" / ".stamp").write_text("made for another lock")
  (checkout / ".venv" / ".stamp-peers").touch()
  quickstart(checkout, failing)
  assert [path.name for path in (checkout / ".venv").iterdir()] == [".stamp"]


def test_an_environment_of_the_users_own_is_left_alone(checkout):
  (checkout / ".venv" / ".stamp").unlink()
  result = quickstart(checkout, sys.executable)
  assert result.returncode == 2
  assert ".venv is there and was not made here; move it away first." in result.stderr
  assert (checkout / ".venv" / "bin" / "python").exists()


def test_a_python_that_is_too_old_is_named(checkout, tmp_path):
  old = tmp_path / "python"
  old.write_text("#!/bin/sh\nexit 1\n")
  old.chmod(0o755)
  result = quickstart(checkout, old)
  assert result.returncode == 2
  assert "Python 3.11, 3.12 or 3.13 is needed" in result.stderr
  assert pathlib.Path(checkout / ".venv" / "bin" / "python").exists()


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
