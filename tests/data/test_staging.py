import pytest

from dcgan_jax.data import staging
from dcgan_jax.errors import UserError


def enter(root, name):
  with staging.workspace(root, name):
    pass


def test_the_scratch_folder_is_empty_and_goes_away(tmp_path):
  left = tmp_path / ".preparing-faces" / "incomplete" / "half"
  left.parent.mkdir(parents=True)
  left.write_bytes(b"left by a killed run")
  with staging.workspace(tmp_path, "faces") as scratch:
    assert list(scratch.iterdir()) == []
    (scratch / "images").write_bytes(b"half")
  assert list(tmp_path.iterdir()) == []


def test_a_second_preparation_of_the_same_name_is_refused(tmp_path):
  with staging.workspace(tmp_path, "faces"):
    with pytest.raises(UserError, match="another process is preparing 'faces'"):
      enter(tmp_path, "faces")
    enter(tmp_path, "others")


def test_a_failed_preparation_leaves_nothing(tmp_path):
  def fail():
    with staging.workspace(tmp_path, "faces") as scratch:
      (scratch / "images").write_bytes(b"half")
      raise RuntimeError

  with pytest.raises(RuntimeError):
    fail()
  assert list(tmp_path.iterdir()) == []


def test_publishing_replaces_what_was_there(tmp_path):
  location = tmp_path / "faces" / "1.0.0"
  for text in ("old", "new"):
    with staging.workspace(tmp_path, "faces") as scratch:
      (scratch / "faces").mkdir()
      (scratch / "faces" / "data").write_text(text)
      staging.publish(scratch / "faces", location, scratch)
  assert (location / "data").read_text() == "new"
  assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_a_data_directory_that_is_a_file_is_named(tmp_path):
  (tmp_path / "file").touch()
  with pytest.raises(UserError, match="file cannot be written"):
    enter(tmp_path / "file", "faces")
