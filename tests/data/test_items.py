import pytest

from dcgan_jax.data.archives import open_tree
from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.items import image_items, images_in, nothing_in, passed_over, refusals


@pytest.fixture
def tree(tmp_path):
  for name in ("a.png", "b.JPE", "c.jfif", "d.heic", "e.heic", "f.txt", "README", ".hidden"):
    (tmp_path / name).write_bytes(name.encode())
  (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere")
  return open_tree(tmp_path)


def test_images_are_what_ends_as_images_do(tree):
  assert images_in(tree) == ["a.png", "b.JPE", "c.jfif"]


def test_what_is_passed_over_is_counted_by_its_ending(tree):
  assert passed_over(tree) == [
    "passed over files that are no images: 2 .heic, 1 without ending, 1 .txt"
  ]


def test_what_was_read_is_not_passed_over(tree):
  (note,) = passed_over(tree, read="f.txt")
  assert ".txt" not in note


def test_of_many_endings_the_most_frequent_are_named(tmp_path):
  for ending in "abcdefg":
    (tmp_path / f"1.{ending}").touch()
  (tmp_path / "2.g").touch()
  (note,) = passed_over(open_tree(tmp_path))
  assert note.startswith("passed over files that are no images: 2 .g, 1 .")
  assert note.count(",") == 5
  assert note.endswith(", others")


def test_where_all_are_images_there_is_no_note(tmp_path):
  (tmp_path / "a.png").touch()
  assert passed_over(open_tree(tmp_path)) == []


def test_what_a_tree_refused_comes_first_as_a_bad_item_with_the_reason(tree):
  read = image_items(tree, images_in(tree), lambda name, opener: opener().read())
  (refused, complaint), *others = list(read)
  assert refused.endswith("member 'lost.png'")
  with pytest.raises(ItemError, match="cannot be read: No such file"):
    complaint()
  assert [(item.rpartition("/")[2], bytes_of()) for item, bytes_of in others] == [
    ("a.png", b"a.png"),
    ("b.JPE", b"b.JPE"),
    ("c.jfif", b"c.jfif"),
  ]
  assert len(refusals(tree)) == 1


def test_a_tree_of_no_use_is_told_with_what_is_wanted(tree):
  message = str(nothing_in(tree, "no CSV", "a CSV, or "))
  assert f"{tree.path}: no CSV (7 other files)" in message
  assert "Expected a CSV, or images (.bmp " in message
