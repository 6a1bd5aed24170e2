import pytest

from dcgan_jax.files import replacing


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
