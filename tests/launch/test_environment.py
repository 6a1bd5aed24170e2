"""How an environment is made, as quickstart.sh has it made."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from .checkouts import quickstart


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


@pytest.mark.parametrize(
  ("device", "lock"),
  [
    ("accel0", "requirements-tpu.txt"),
    ("vfio/0", "requirements-tpu.txt"),
    ("nvidia0", "requirements-cuda.txt"),
    ("null", "requirements.txt"),
  ],
)
def test_the_lock_is_that_of_the_machines_devices(repository, tmp_path, device, lock):
  (tmp_path / device).parent.mkdir(exist_ok=True)
  (tmp_path / device).touch()
  command = f"source launch/environment.sh; lock_for_this_machine {tmp_path}"
  done = subprocess.run(
    ["bash", "-c", command], cwd=repository, check=True, capture_output=True, text=True
  )
  assert done.stdout == f"launch/{lock}\n"


def test_without_ensurepip_the_environment_is_filled_from_without(checkout, tmp_path):
  notes = tmp_path / "notes"
  colabs = tmp_path / "python"
  colabs.write_text(
    f"""#!/bin/sh
case "$*" in
*"import ensurepip"*) exit 1 ;;
*venv*|*pip*) echo "$*" >>{notes} ;;
*) exec "{sys.executable}" "$@" ;;
esac
"""
  )
  colabs.chmod(0o755)
  (checkout / ".venv" / ".stamp").write_text("made for another lock")
  command = "source launch/environment.sh; make_environment .venv launch/requirements.txt"
  subprocess.run(
    ["bash", "-c", command], cwd=checkout, env={**os.environ, "PYTHON": str(colabs)}, check=True
  )
  assert notes.read_text().splitlines() == [
    "-m venv --without-pip .venv",
    "-m pip --python .venv/bin/python install --quiet --disable-pip-version-check "
    "--require-hashes -r launch/requirements.txt",
  ]
