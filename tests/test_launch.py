"""The launch scripts, without installing anything: an environment is put in their way."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

SCRIPTS = ["environment.sh", "quickstart.sh", "test.sh"]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


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
  stamp = 'echo "$("$PYTHON" --version) $(cksum <launch/requirements.txt)"'
  written = subprocess.run(
    ["bash", "-c", stamp], cwd=copy, env={**os.environ, "PYTHON": sys.executable},
    check=True, capture_output=True, text=True,
  )  # fmt: skip
  (venv / ".stamp").write_text(written.stdout)
  return copy


def test_quickstart_trains_draws_and_says_what_to_type_next(checkout, tmp_path):
  result = subprocess.run(
    ["bash", "launch/quickstart.sh", "--config.num_steps=2", "--config.model.width=2"],
    cwd=checkout, check=False, capture_output=True, text=True,
    env={**os.environ, "PYTHON": sys.executable, "DCGAN_JAX_DATA": str(tmp_path / "data")},
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  run = checkout / "runs" / "quickstart"
  for name in ("faces.png", "curves.png", "finished.json", "samples/00000002.png"):
    assert (run / name).exists(), name
    if name.endswith(".png"):
      assert f"runs/quickstart/{name.split('/')[0]}" in result.stdout
  assert "python -m dcgan_jax.main --config=configs/ex2.py" in result.stdout


def test_an_environment_of_the_users_own_is_left_alone(checkout):
  (checkout / ".venv" / ".stamp").unlink()
  result = subprocess.run(
    ["bash", "launch/quickstart.sh"], cwd=checkout, check=False, capture_output=True, text=True,
    env={**os.environ, "PYTHON": sys.executable},
  )  # fmt: skip
  assert result.returncode == 2
  assert ".venv is there and was not made here; move it away first." in result.stderr
  assert (checkout / ".venv" / "bin" / "python").exists()


def test_a_python_that_is_too_old_is_named(checkout, tmp_path):
  old = tmp_path / "python"
  old.write_text("#!/bin/sh\nexit 1\n")
  old.chmod(0o755)
  result = subprocess.run(
    ["bash", "launch/quickstart.sh"], cwd=checkout, check=False, capture_output=True, text=True,
    env={**os.environ, "PYTHON": str(old)},
  )  # fmt: skip
  assert result.returncode == 2
  assert "Python 3.11, 3.12 or 3.13 is needed" in result.stderr
  assert pathlib.Path(checkout / ".venv" / "bin" / "python").exists()
