import errno
import fcntl
import os
import platform
import signal
import subprocess
import sys

import pytest

from dcgan_jax import workdir_lock
from dcgan_jax.errors import UserError
from dcgan_jax.workdir_lock import is_locked, sole_trainer

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
  before = (tmp_path / "lock").read_bytes()
  with pytest.raises(UserError), sole_trainer(tmp_path):
    raise AssertionError("let in")
  assert (tmp_path / "lock").read_bytes() == before


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
  (tmp_path / "lock").write_text("")
  with pytest.raises(UserError, match="another process trains in it"), sole_trainer(tmp_path):
    raise AssertionError("let in")


def refusing(number):
  def refuse(file, operation):
    raise OSError(number, os.strerror(number))

  return refuse


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_the_user_is_told_and_trains(
  tmp_path, monkeypatch, capsys, number
):
  monkeypatch.setattr(fcntl, "flock", refusing(number))
  trained = False
  with sole_trainer(tmp_path):
    trained = True
  assert trained
  assert "its file system knows no locks" in capsys.readouterr().err


def test_a_disk_that_fails_is_no_missing_lock(tmp_path, monkeypatch):
  monkeypatch.setattr(fcntl, "flock", refusing(errno.EIO))
  with pytest.raises(OSError, match="Input/output error"), sole_trainer(tmp_path):
    raise AssertionError("let in")


def test_a_lock_that_is_a_link_empties_no_other_file(tmp_path):
  (tmp_path / "other").write_text("dear")
  (tmp_path / "lock").symlink_to(tmp_path / "other")
  with pytest.raises(OSError, match="Too many levels of symbolic links"), sole_trainer(tmp_path):
    pass
  assert (tmp_path / "other").read_text() == "dear"


def test_a_workdir_is_locked_while_another_process_trains_in_it(holder, tmp_path):
  assert is_locked(tmp_path)
  assert is_locked(tmp_path)  # whoever asks takes nothing away
  holder.kill()
  holder.wait()
  assert not is_locked(tmp_path)


def test_a_workdir_is_locked_while_this_process_trains_in_it(tmp_path):
  assert not is_locked(tmp_path)
  with sole_trainer(tmp_path):
    assert is_locked(tmp_path)
  assert not is_locked(tmp_path)


def test_whoever_asks_changes_nothing(holder, tmp_path):
  before = (tmp_path / "lock").read_bytes()
  is_locked(tmp_path)
  is_locked(tmp_path / "nowhere")
  assert (tmp_path / "lock").read_bytes() == before
  assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
  "make",
  [os.mkfifo, os.mkdir, lambda path: path.symlink_to("no"), lambda path: path.symlink_to(path)],
)
def test_what_is_no_lock_locks_nothing(tmp_path, make):
  make(tmp_path / "lock")
  assert not is_locked(tmp_path)


def test_where_there_are_no_locks_nobody_is_known_to_train(holder, tmp_path, monkeypatch):
  monkeypatch.setattr(fcntl, "flock", refusing(errno.ENOLCK))
  assert not is_locked(tmp_path)


def busy_for(times):
  """A lock that somebody holds who asks whether it is held, at the first so many tries."""
  left = [times]

  def flock(file, operation):
    if left[0]:
      left[0] -= 1
      raise BlockingIOError

  return flock


@pytest.mark.parametrize("times", [1, 2])
def test_whoever_asks_keeps_no_trainer_out(tmp_path, monkeypatch, times):
  monkeypatch.setattr(workdir_lock, "_SECONDS_BETWEEN_TRIES", 0.0)
  monkeypatch.setattr(fcntl, "flock", busy_for(times))
  with sole_trainer(tmp_path):
    assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} ")


def test_who_holds_a_lock_for_longer_trains(tmp_path, monkeypatch):
  monkeypatch.setattr(workdir_lock, "_SECONDS_BETWEEN_TRIES", 0.0)
  monkeypatch.setattr(fcntl, "flock", busy_for(3))
  with pytest.raises(UserError, match="trains in it"), sole_trainer(tmp_path):
    raise AssertionError("let in")
