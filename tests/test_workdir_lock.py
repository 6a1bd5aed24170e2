import errno
import os
import platform
import signal
import subprocess
import sys

import filelock
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.workdir_lock import sole_trainer

_HOLD = """
import pathlib, sys
from dcgan_jax.workdir_lock import sole_trainer
with sole_trainer(pathlib.Path(sys.argv[1])):
  print("held", flush=True)
  sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
  """Another process that trains in the folder."""
  process = subprocess.Popen(
    [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
  )
  assert process.stdout.readline() == b"held\n"
  yield process
  process.kill()
  process.communicate()


def test_a_second_trainer_is_refused_and_told_of_the_first(holder, tmp_path):
  with pytest.raises(UserError) as caught, sole_trainer(tmp_path):
    raise AssertionError("let in")
  first, fix = str(caught.value).splitlines()
  assert first.startswith(
    f"--workdir={tmp_path}: process {holder.pid} on {platform.node()}, since 20"
  )
  assert first.endswith(", trains in it.")
  assert fix == "Wait for its end, stop it, or name another folder."


def test_a_second_trainer_changes_nothing(holder, tmp_path):
  before = (tmp_path / ".lock.json").read_bytes()
  with pytest.raises(UserError), sole_trainer(tmp_path):
    raise AssertionError("let in")
  assert (tmp_path / ".lock.json").read_bytes() == before


def test_a_killed_trainer_lets_go(holder, tmp_path):
  os.kill(holder.pid, signal.SIGKILL)
  holder.wait()
  with sole_trainer(tmp_path):
    pass


def test_a_trainer_that_ends_lets_go(tmp_path):
  for _ in range(2):
    with sole_trainer(tmp_path):
      pass


def test_a_holder_that_has_not_said_who_it_is_refuses_all_the_same(holder, tmp_path):
  (tmp_path / ".lock.json").write_text("{")
  with pytest.raises(UserError, match="another process trains in it"), sole_trainer(tmp_path):
    raise AssertionError("let in")


@pytest.mark.parametrize(
  "error", [NotImplementedError("no flock"), OSError(errno.ENOLCK, "No locks")]
)
def test_where_there_are_no_locks_the_user_is_told_and_trains(tmp_path, monkeypatch, capsys, error):
  def refuse(lock):
    raise error

  monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
  trained = False
  with sole_trainer(tmp_path):
    trained = True
  assert trained
  assert "its file system cannot be locked" in capsys.readouterr().err


def test_a_full_disk_is_no_missing_lock(tmp_path, monkeypatch):
  def refuse(lock):
    raise OSError(errno.ENOSPC, "No space left on device")

  monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
  with pytest.raises(OSError, match="No space left"), sole_trainer(tmp_path):
    raise AssertionError("let in")
