import os

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.out_flag import check_out_file, check_out_folder


def test_what_is_not_there_yet_is_fine_with_folders_to_be_made_above_it(tmp_path):
  for path in (tmp_path / "a", tmp_path / "b" / "c" / "d"):
    check_out_file(path, "grid.png")
    check_out_folder(path)
  assert not list(tmp_path.iterdir())


def test_a_file_may_replace_a_file_but_no_folder(tmp_path):
  (tmp_path / "old.png").write_text("")
  check_out_file(tmp_path / "old.png", "grid.png")
  with pytest.raises(UserError, match=r"a folder; name a file in it, such as .*/grid\.png"):
    check_out_file(tmp_path, "grid.png")


def test_a_folder_may_replace_an_empty_one_and_nothing_else(tmp_path):
  for name in ("empty", "full"):
    (tmp_path / name).mkdir()
  (tmp_path / "full" / "file").write_text("")
  (tmp_path / "link").symlink_to("nowhere")
  check_out_folder(tmp_path / "empty")
  for there in ("full", "full/file", "link"):
    with pytest.raises(UserError, match=f"{there}: is there already"):
      check_out_folder(tmp_path / there)


@pytest.mark.parametrize("check", [check_out_folder, lambda out: check_out_file(out, "x")])
def test_below_a_file_there_is_no_place(tmp_path, check):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match="file is no folder that you can write to"):
    check(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_before(tmp_path):
  tmp_path.chmod(0o500)
  with pytest.raises(UserError, match="is no folder that you can write to"):
    check_out_folder(tmp_path / "out")
