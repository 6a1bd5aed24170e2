import json
import os

import pytest

from dcgan_jax import files
from dcgan_jax.files import json_rows, new_folder, read_json, replacing, write_json


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


def test_rows_are_the_objects_of_a_file_and_none_stands_for_what_is_no_object(tmp_path):
  no_objects = [b"", b"{", b"[1]", b"5", b"null", b"\xff", b"[" * 100_000, b'{"a": NaN']
  lines = [b'{"a": 1}', *no_objects, b"{}", b'{"cut": "sh']
  (tmp_path / "a").write_bytes(b"\n".join(lines))
  assert list(json_rows(tmp_path / "a")) == [{"a": 1}, *[None] * 8, {}, None]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_has_no_json(tmp_path, make):
  make(tmp_path / "a")
  with pytest.raises(OSError, match="not a file"):
    list(json_rows(tmp_path / "a"))
  with pytest.raises(OSError, match="not a file"):
    read_json(tmp_path / "a")


def test_what_is_not_there_has_no_json(tmp_path):
  with pytest.raises(FileNotFoundError):
    list(json_rows(tmp_path / "a"))
  with pytest.raises(FileNotFoundError):
    read_json(tmp_path / "a")


def test_an_object_that_was_written_is_read(tmp_path):
  content = {"a": [1, 2.5, None, "×"], "b": {"c": True}}
  write_json(tmp_path / "new" / "a.json", content)
  assert read_json(tmp_path / "new" / "a.json") == content


@pytest.mark.parametrize(
  "content", [b"", b"{", b"[]", b"5", b"null", b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"a": 1} {}']
)
def test_what_is_no_object_is_refused(tmp_path, content):
  (tmp_path / "a").write_bytes(content)
  with pytest.raises(ValueError):  # noqa: PT011 - JSON's own reasons among them
    read_json(tmp_path / "a")


def test_an_object_is_read_up_to_a_length_that_nothing_here_writes(tmp_path, monkeypatch):
  (tmp_path / "a").write_text(json.dumps({"a": "b"}))  # 10 bytes
  monkeypatch.setattr(files, "_LONGEST_JSON", 10)
  assert read_json(tmp_path / "a") == {"a": "b"}
  monkeypatch.setattr(files, "_LONGEST_JSON", 9)
  with pytest.raises(ValueError, match="no JSON object"):
    read_json(tmp_path / "a")
