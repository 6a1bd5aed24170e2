import os

import pytest

from dcgan_jax import files
from dcgan_jax.files import new_folder, replacing


def test_a_file_appears_whole_and_nothing_else_stays(tmp_path):
  path = tmp_path / "new" / "file.txt"
  with replacing(path) as temporary:
    temporary.write_text("whole")
    assert not path.exists()
  assert path.read_text() == "whole"
  assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_rubbish(tmp_path):
  path = tmp_path / "file.txt"
  path.write_text("old")

  def write_half():
    with replacing(path) as temporary:
      temporary.write_text("half")
      raise RuntimeError("disk full")

  with pytest.raises(RuntimeError, match="disk full"):
    write_half()
  assert path.read_text() == "old"
  assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_whole_in_place_of_an_empty_one(tmp_path):
  path = tmp_path / "new" / "faces"
  path.mkdir(parents=True)
  with new_folder(path) as temporary:
    (temporary / "1.png").write_text("face")
    assert list(path.iterdir()) == []
  assert [inside.name for inside in path.iterdir()] == ["1.png"]
  assert list(path.parent.iterdir()) == [path]


def test_of_a_folder_that_was_interrupted_nothing_stays(tmp_path):
  def write_half():
    with new_folder(tmp_path / "faces") as temporary:
      (temporary / "1.png").write_text("face")
      raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    write_half()
  assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
  (tmp_path / "mine.txt").write_text("mine")

  def write():
    with new_folder(tmp_path) as temporary:
      (temporary / "1.png").write_text("face")

  with pytest.raises(OSError, match="not empty"):
    write()
  assert [inside.name for inside in tmp_path.iterdir()] == ["mine.txt"]


def test_lines_come_with_their_ends_and_none_is_too_long(tmp_path, monkeypatch):
  (tmp_path / "a").write_bytes(b"one\n\ntwo")
  assert list(files.lines(tmp_path / "a")) == [b"one\n", b"\n", b"two"]
  monkeypatch.setattr(files, "_LONGEST_LINE", 4)
  with pytest.raises(OSError, match="a line of more than 4 bytes"):
    list(files.lines(tmp_path / "a"))


def test_the_lines_of_a_pipe_are_not_waited_for(tmp_path):
  os.mkfifo(tmp_path / "a")
  with pytest.raises(OSError, match="not a file"):
    list(files.lines(tmp_path / "a"))
