import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import celeba, sources
from dcgan_jax.data.decode import ItemError
from dcgan_jax.errors import UserError

SHAPE = (64, 64, 3)
LIST = "000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n"
SPLITS = {"000001": "train", "000002": "validation", "000003": "test"}


def picture(value=7):
  """As CelebA's aligned pictures: 178 wide, 218 high."""
  buffer = io.BytesIO()
  Image.fromarray(np.full((218, 178, 3), value, np.uint8)).save(buffer, "PNG")
  return buffer.getvalue()


def folder(path, names=tuple(SPLITS)):
  path.mkdir(parents=True)
  for name in names:
    (path / f"{name}.jpg").write_bytes(picture())
  return path


def placed(path):
  source = sources.open_source("celeba", path, SHAPE)
  assert source.class_names == ()
  faces = [read() for _, read in source.items]
  assert {face.label for face in faces} == {-1}
  return {face.source.rpartition("/")[2]: face.split for face in faces}, source.notes


def test_without_the_list_all_is_train(tmp_path):
  splits, notes = placed(folder(tmp_path / "img_align_celeba"))
  assert set(splits.values()) == {"train"}
  assert notes == ["all is train: list_eval_partition.txt lies neither in the source nor beside it"]


@pytest.mark.parametrize(
  "place",
  [
    "Img/img_align_celeba/list_eval_partition.txt",
    "Img/list_eval_partition.txt",
    "Img/Eval/list_eval_partition.txt",
    "Eval/list_eval_partition.txt",
  ],
)
def test_the_list_is_found_in_the_source_and_beside_it(tmp_path, place):
  pictures = folder(tmp_path / "Img" / "img_align_celeba")
  (tmp_path / place).parent.mkdir(exist_ok=True)
  (tmp_path / place).write_text(LIST)
  splits, (note,) = placed(pictures)
  assert splits == {f"{name}.jpg": split for name, split in SPLITS.items()}
  assert note.startswith("splits from ")
  assert note.endswith(place.removeprefix("Img/img_align_celeba/"))


def test_a_zip_may_hold_the_list_as_kaggles_copy_does(tmp_path):
  with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
    for name in SPLITS:
      archive.writestr(f"img_align_celeba/img_align_celeba/{name}.jpg", picture())
    archive.writestr(
      "list_eval_partition.csv",
      "image_id,partition\n" + LIST.replace(" ", ",").replace("\n", "\r\n"),
    )
  splits, notes = placed(tmp_path / "archive.zip")
  assert splits == {f"{name}.jpg": split for name, split in SPLITS.items()}
  assert notes == ["splits from list_eval_partition.csv"]


def test_pictures_that_are_not_here_are_noted(tmp_path):
  pictures = folder(tmp_path / "img", ["000002"])
  (tmp_path / "list_eval_partition.txt").write_text(LIST)
  splits, (note,) = placed(pictures)
  assert splits == {"000002.jpg": "validation"}
  assert note.endswith("; 2 of the pictures it names are not here")


def test_a_picture_that_the_list_does_not_name_is_a_bad_item(tmp_path):
  pictures = folder(tmp_path / "img", ["000009"])
  (tmp_path / "list_eval_partition.txt").write_text(LIST)
  ((_, read),) = sources.open_source("celeba", pictures, SHAPE).items
  with pytest.raises(ItemError, match="the list of splits does not name '000009'"):
    read()


def test_the_list_names_pngs_too():
  assert celeba.read_list(["000001.jpg 2\n", "\n"], "list") == {"000001": "test"}


@pytest.mark.parametrize(
  ("lines", "complaint"),
  [
    (["000001.jpg 0", "000002.jpg 3"], r"list, line 2: '000002\.jpg 3', expected a picture and 0"),
    (["000001.jpg"], r"list, line 1: '000001\.jpg', expected"),
    ([], "list: the list is empty"),
    (["image_id,partition"], "list: the list is empty"),
  ],
)
def test_a_list_of_another_kind_is_refused(lines, complaint):
  with pytest.raises(UserError, match=complaint):
    celeba.read_list(lines, "list")


def test_a_picture_is_its_middle_square_at_64(tmp_path):
  pixels = np.zeros((218, 178, 3), np.uint8)
  # The middle 178 rows are 20 … 197, and the filter reaches 2 · 178 / 64 = 5.6 pixels beyond.
  pixels[14:204] = 200
  buffer = io.BytesIO()
  Image.fromarray(pixels).save(buffer, "PNG")
  folder(tmp_path / "img", [])
  (tmp_path / "img" / "000001.png").write_bytes(buffer.getvalue())
  ((_, read),) = sources.open_source("celeba", tmp_path / "img", SHAPE).items
  np.testing.assert_array_equal(read().image, np.full(SHAPE, 200, np.uint8))
