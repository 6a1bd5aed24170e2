import os

import pytest
from raw_files import folder

from dcgan_jax.data import folder_walk
from dcgan_jax.data.archives import open_tree
from dcgan_jax.errors import UserError


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path):
  folder(tmp_path, {"a/1.png": b"1"})
  (tmp_path / "a" / "loop").symlink_to(tmp_path)
  assert open_tree(tmp_path).names == ["a/1.png"]


def test_a_folder_is_read_wherever_it_is_linked(tmp_path):
  folder(tmp_path, {"pool/a/1.png": b"1"})
  for split in ("train", "test"):
    (tmp_path / "raw" / split).mkdir(parents=True)
    (tmp_path / "raw" / split / "cat").symlink_to(tmp_path / "pool" / "a")
  (tmp_path / "raw" / "itself").symlink_to("itself")
  tree = open_tree(tmp_path / "raw")
  assert tree.names == ["test/cat/1.png", "train/cat/1.png"]
  assert list(tree.refused) == ["itself"]


def test_a_pipe_and_a_dangling_link_in_a_folder_are_refused(tmp_path):
  os.mkfifo(tmp_path / "pipe.png")
  (tmp_path / "dangling.png").symlink_to(tmp_path / "nothing")
  assert sorted(open_tree(tmp_path).refused) == ["dangling.png", "pipe.png"]


def test_only_folders_behind_links_are_counted(tmp_path, monkeypatch):
  folder(tmp_path / "pool", {"a/1.png": b"1", "b/2.png": b"2"})
  folder(tmp_path / "raw", {f"{i}/3.png": b"3" for i in range(9)})
  (tmp_path / "raw" / "linked").symlink_to(tmp_path / "pool")
  monkeypatch.setattr(folder_walk, "MAX_LINKED_FOLDERS", 3)  # pool, a and b
  assert len(open_tree(tmp_path / "raw").names) == 11
  monkeypatch.setattr(folder_walk, "MAX_LINKED_FOLDERS", 2)
  with pytest.raises(UserError, match="its links lead to more than 2 folders"):
    open_tree(tmp_path / "raw")


def test_a_link_to_a_set_of_many_people_is_followed(tmp_path):
  # CASIA-WebFace has 10,575, each in a folder of their own.
  for number in range(10_575):
    (tmp_path / "casia" / f"{number:07}").mkdir(parents=True)
  folder(tmp_path, {"casia/0000045/001.jpg": b"1"})
  (tmp_path / "raw").mkdir()
  (tmp_path / "raw" / "casia").symlink_to(tmp_path / "casia")
  assert open_tree(tmp_path / "raw").names == ["casia/0000045/001.jpg"]


def test_a_way_through_several_links_ends_where_it_comes_round(tmp_path):
  folder(tmp_path, {"a/1.png": b"1", "b/2.png": b"2"})
  (tmp_path / "a" / "to-b").symlink_to("../b")
  (tmp_path / "b" / "to-a").symlink_to("../a")
  names = ["a/1.png", "a/to-b/2.png", "b/2.png", "b/to-a/1.png"]
  assert open_tree(tmp_path).names == names
