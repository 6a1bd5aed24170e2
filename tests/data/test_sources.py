import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import sources, synthetic
from dcgan_jax.data.decode import ItemError
from dcgan_jax.errors import UserError

PIXELS = " ".join(["7"] * 48 * 48)
HEADER = "emotion,pixels,Usage\n"


def png(value=7):
  buffer = io.BytesIO()
  Image.fromarray(np.full((48, 48), value, np.uint8)).save(buffer, "PNG")
  return buffer.getvalue()


def folder(path, *names):
  for name in names:
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(png())
  return path


def placed(source):
  return {
    face.source: (face.split, source.class_names[face.label])
    for face in (read() for _, read in source.items)
  }


def test_fer_folders_map_by_name_whatever_their_order_and_nesting(tmp_path):
  names = ["a/images/train/angry/1.jpg.png", "a/images/validation/neutral/2.png"]
  source = sources.open_source("fer2013", folder(tmp_path, *names))
  assert source.class_names == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
  assert placed(source) == {names[0]: ("train", "angry"), names[1]: ("validation", "neutral")}


def test_common_spellings_of_emotions_and_splits_are_known(tmp_path):
  spelt = {
    "Training/Anger/1.png": ("train", "angry"),
    "PublicTest/disgusted/1.png": ("validation", "disgust"),
    "val/fearful/1.png": ("validation", "fear"),
    "PrivateTest/HAPPINESS/1.png": ("test", "happy"),
    "test/sadness/1.png": ("test", "sad"),
    "test/surprised/deeper/1.png": ("test", "surprise"),
    "neutral/1.png": ("train", "neutral"),
  }
  assert placed(sources.open_source("fer2013", folder(tmp_path, *spelt))) == spelt


def test_an_image_outside_emotion_folders_is_a_bad_item(tmp_path):
  folder(tmp_path, "train/happy/1.png", "train/contempt/2.png")
  items = dict(sources.open_source("fer2013", tmp_path).items)
  with pytest.raises(ItemError, match="folder 'contempt' names no emotion; expected one of angry"):
    items[f"{tmp_path}/train/contempt/2.png"]()


def test_a_tree_repeated_inside_itself_is_read_once(tmp_path):
  folder(tmp_path, "images/train/sad/1.png", "images/images/train/sad/1.png")
  source = sources.open_source("fer2013", tmp_path)
  assert list(placed(source)) == ["images/train/sad/1.png"]
  assert source.notes == ["left out images/images: it repeats the folder above it"]


def test_like_named_files_of_other_folders_are_no_repetition(tmp_path):
  folder(tmp_path, "ann/train/sad/1.png", "bob/train/sad/1.png")
  assert len(placed(sources.open_source("fer2013", tmp_path))) == 2


def test_ckplus_folder_tells_subjects(tmp_path):
  folder(tmp_path, "CK+48/happy/S010_004_00000017.png", "CK+48/contempt/x.png")
  source = sources.open_source("ckplus", tmp_path)
  faces = [read() for _, read in source.items]
  assert [(source.class_names[f.label], f.subject, f.split) for f in faces] == [
    ("contempt", "", "train"),
    ("happy", "S010", "train"),
  ]


def test_ckplus_csv_has_eight_classes(tmp_path):
  path = tmp_path / "ckextended.csv"
  path.write_text(f"{HEADER}7,{PIXELS},Training\n6,{PIXELS},PrivateTest\n")
  source = sources.open_source("ckplus", path)
  assert placed(source) == {"row 1": ("train", "contempt"), "row 2": ("test", "neutral")}


def test_a_csv_is_found_among_other_files_in_a_zip(tmp_path):
  with zipfile.ZipFile(tmp_path / "challenge.zip", "w") as archive:
    archive.writestr("README.txt", "…")
    archive.writestr("data/train.csv", f"emotion,pixels\n1,{PIXELS}\n")
    archive.writestr("data/icml_face_data.csv", f"emotion, Usage, pixels\n0, Training, {PIXELS}\n")
    archive.writestr("data/fer2013.csv", f"{HEADER}2,{PIXELS},PublicTest\n")
  source = sources.open_source("fer2013", tmp_path / "challenge.zip")
  assert placed(source) == {"row 1": ("validation", "fear")}
  assert source.notes == ["read from data/fer2013.csv"]


def test_a_set_that_is_there_as_a_csv_and_as_folders_is_not_guessed_at(tmp_path):
  folder(tmp_path, "docs/happy/0.png")
  (tmp_path / "about.csv").write_text("name,licence\n")
  assert len(placed(sources.open_source("fer2013", tmp_path))) == 1  # that is no such CSV
  (tmp_path / "fer2013.csv").write_text(f"{HEADER}1,{PIXELS},Training\n")
  with pytest.raises(UserError, match=r"fer2013\.csv has the columns .*docs/happy/0\.png lies in"):
    sources.open_source("fer2013", tmp_path)


@pytest.mark.parametrize("kind", ["fer2013", "folder"])
def test_files_that_are_no_images_are_noted(tmp_path, kind):
  folder(tmp_path, "train/happy/0.png", "train/happy/1.heic", "notes.txt")
  source = sources.open_source(kind, tmp_path)
  assert source.notes == ["passed over files that are no images: 1 .txt, 1 .heic"]


def test_a_csv_that_cannot_be_parsed_beside_the_right_one_does_no_harm(tmp_path):
  with zipfile.ZipFile(tmp_path / "challenge.zip", "w") as archive:
    archive.writestr("a_notes.csv", "x" * 200_000)  # longer than the csv module's field limit
    archive.writestr("fer2013.csv", f"{HEADER}3,{PIXELS},Training\n")
  source = sources.open_source("fer2013", tmp_path / "challenge.zip")
  assert list(placed(source).values()) == [("train", "happy")]


def test_of_two_unknown_csvs_none_is_guessed(tmp_path):
  for name in ("a.csv", "b.csv"):
    (tmp_path / name).write_text(f"{HEADER}1,{PIXELS},Training\n")
  with pytest.raises(UserError, match=r"2 CSVs have the columns .*: a\.csv, b\.csv"):
    sources.open_source("fer2013", tmp_path)


def test_the_last_row_of_a_short_csv_hints_at_a_cut(tmp_path):
  path = tmp_path / "fer2013.csv"
  path.write_text(f"{HEADER}0,{PIXELS},Training\n0,{PIXELS[:-2]},Training\n")
  *_, (item, read) = sources.open_source("fer2013", path).items
  assert item == "fer2013.csv, row 2"
  with pytest.raises(ItemError, match="2,303 pixels") as caught:
    read()
  assert caught.value.hint == (
    "The file may be cut short: it has 1 rows before this, its last, of the 35,887 published."
  )


@pytest.mark.parametrize(
  ("names", "expected"),
  [
    (["1.png", "2.png"], {"1.png": ("train", None), "2.png": ("train", None)}),
    (["top/1.png", "top/2.png"], {"top/1.png": ("train", None), "top/2.png": ("train", None)}),
    (["cat/1.png", "dog/2.png"], {"cat/1.png": ("train", "cat"), "dog/2.png": ("train", "dog")}),
    (
      ["x/train/cat/1.png", "x/test/dog/old/2.png", "x/test/3.png"],
      {
        "x/train/cat/1.png": ("train", "cat"),
        "x/test/dog/old/2.png": ("test", "dog"),
        "x/test/3.png": ("test", None),
      },
    ),
    (["train/1.png"], {"train/1.png": ("train", None)}),
  ],
)
def test_any_folder_of_images(tmp_path, names, expected):
  source = sources.open_source("folder", folder(tmp_path, *names))
  names_by_label = {-1: None, **dict(enumerate(source.class_names))}
  faces = [read() for _, read in source.items]
  assert {f.source: (f.split, names_by_label[f.label]) for f in faces} == expected


@pytest.mark.parametrize("kind", ["fer2013", "ckplus", "folder"])
def test_nothing_to_read_says_what_was_expected(tmp_path, kind):
  (tmp_path / "notes.txt").write_text("…")
  with pytest.raises(UserError, match=r"no .*images \(1 other files\)\.\nExpected .*\.png"):
    sources.open_source(kind, tmp_path)


def test_images_without_emotions_are_no_fer2013(tmp_path):
  with pytest.raises(UserError, match=r"cats/1\.png: folder 'cats' names no emotion"):
    sources.open_source("fer2013", folder(tmp_path, "cats/1.png"))


def test_a_binary_file_is_no_csv(tmp_path):
  (tmp_path / "fer2013.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
  with pytest.raises(UserError, match="neither a CSV, a folder, a zip nor a tar"):
    sources.open_source("fer2013", tmp_path / "fer2013.rar")


def test_rendered_faces_keep_the_last_tenth_for_test():
  source = sources.rendered_source(seed=3, num=20)
  faces = [read() for _, read in source.items]
  assert [face.split for face in faces] == ["train"] * 18 + ["test"] * 2
  expected = synthetic.render(3, 0, 20)
  np.testing.assert_array_equal([face.image for face in faces], expected.images)
  np.testing.assert_array_equal([face.action_units for face in faces], expected.action_units)
  assert [face.label for face in faces] == expected.labels.tolist()
