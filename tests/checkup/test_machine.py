import pathlib
import shutil
from collections import namedtuple

import pytest

from dcgan_jax.checkup import machine
from dcgan_jax.checkup.finding import State
from dcgan_jax.errors import UserError

Usage = namedtuple("Usage", "total used free")
GIB = 2**30


@pytest.fixture
def memory(tmp_path, monkeypatch):
  """Has the system say how much memory there is, in GiB, and a container's limit in bytes."""

  def memory(total, free, limit="max"):
    (tmp_path / "meminfo").write_text(
      f"MemTotal:  {total * 2**20} kB\nMemFree: 1 kB\nMemAvailable: {free * 2**20} kB\n"
    )
    (tmp_path / "limit").write_text(f"{limit}\n")
    monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "_LIMITS", (tmp_path / "limit", tmp_path / "absent"))
    return next(line for line in found(tmp_path) if line.what == "memory")

  return memory


@pytest.fixture
def disk(tmp_path, monkeypatch):
  """Has every disk have so many bytes free."""

  def disk(free):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100 * GIB, 100 * GIB - free, free))
    return [line for line in found(tmp_path) if line.what == "disk"]

  return disk


def found(data_dir):
  return list(machine.findings(str(data_dir)))


def test_cores_memory_and_disk_of_this_machine_are_told(tmp_path):
  names = [line.what for line in found(tmp_path)]
  assert names[:2] == ["CPU", "memory"]
  assert "disk" in names
  assert "cores" in found(tmp_path)[0].detail


def test_memory_is_told_with_what_is_free_of_it(memory):
  line = memory(16, 8)
  assert (line.state, line.detail) == (State.GOOD, "16 GiB, 8 GiB of it free")


def test_a_container_has_what_it_is_allowed(memory):
  assert memory(16, 8, limit=4 * GIB).detail == "4 GiB, 4 GiB of it free"


def test_too_little_memory_for_an_evaluation_is_told(memory):
  line = memory(16, 2)
  assert (line.state, line.vital) == (State.WRONG, False)
  assert line.detail.startswith("16 GiB, 2 GiB of it free; an evaluation takes up to 3 GiB")


def test_where_the_system_does_not_say_nothing_is_made_up(monkeypatch, tmp_path):
  monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "absent")
  monkeypatch.setattr(machine.os, "sysconf_names", {})
  assert found(tmp_path)[1].state is State.ABSENT


def test_a_disk_is_told_once_with_what_lies_on_it(disk, monkeypatch, tmp_path):
  monkeypatch.chdir(tmp_path)
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
  (line,) = disk(50 * GIB)
  assert line.detail == "50 GiB of 100 GiB free, for data sets, caches, runs"


def test_a_full_disk_is_told(disk):
  assert disk(GIB // 2)[0].state is State.WRONG
  assert "512 MiB of 100 GiB free" in disk(GIB // 2)[0].detail


def test_folders_that_cannot_be_written_are_told_with_the_flag(monkeypatch, tmp_path):
  monkeypatch.setattr(machine.os, "access", lambda path, mode: False)
  lines = {line.what: line for line in found(tmp_path)}
  assert lines["data sets"].detail == f"{tmp_path} cannot be written"
  assert lines["data sets"].fix.endswith("--data-dir=DIR")
  assert lines["runs"].fix.endswith("--workdir=DIR")


def test_a_folder_that_is_still_to_be_made_lies_where_the_one_above_it_does(tmp_path):
  assert machine._existing(tmp_path / "a" / "b") == tmp_path
  assert machine._existing(pathlib.Path("/nowhere")) == pathlib.Path("/")


def test_an_address_is_a_mistake():
  with pytest.raises(UserError, match="a local folder is needed"):
    found("gs://bucket/data")
