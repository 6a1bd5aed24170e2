import pytest

from dcgan_jax.data import labels
from dcgan_jax.data.records import UNLABELLED


def test_the_classes_are_in_the_order_of_the_published_numbers():
  # FER-2013's README: 0=Angry, 1=Disgust, 2=Fear, 3=Happy, 4=Sad, 5=Surprise, 6=Neutral. CK+'s CSV
  # has the same and 7=contempt.
  assert labels.FER_CLASSES == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
  spelt = [labels.emotion_named(name, labels.FER_CLASSES) for name in labels.CKPLUS_CSV_CLASSES]
  assert spelt == [0, 1, 2, 3, 4, 5, 6, None]
  assert labels.CKPLUS_CSV_CLASSES[7] == "contempt"
  assert sorted(labels.CKPLUS_FOLDER_CLASSES) == list(labels.CKPLUS_FOLDER_CLASSES)
  assert labels.USAGE_SPLITS == {
    "Training": "train", "PublicTest": "validation", "PrivateTest": "test",
  }  # fmt: skip


@pytest.mark.parametrize(
  ("name", "split"),
  [("Train", "train"), ("public_test", "validation"), ("Private Test", "test"), ("trainer", None)],
)
def test_a_folder_names_a_split_in_any_spelling(name, split):
  assert labels.split_named(name) == split


@pytest.mark.parametrize(
  ("path", "place"),
  [
    ("train/angry/1.png", labels.Place("train", 0, "", "train/angry/1.png")),
    ("x/test/Happiness/deep/1.png", labels.Place("test", 3, "x", "test/Happiness/deep/1.png")),
    ("x/sad/1.png", labels.Place("train", 4, "x", "sad/1.png")),
    ("happy/test/sad/1.png", labels.Place("test", 4, "happy", "test/sad/1.png")),
    ("train/contempt/1.png", None),
    ("angry.png", None),
  ],
)
def test_the_innermost_emotion_and_the_innermost_split_above_it_count(path, place):
  assert labels.place_of(path, labels.FER_CLASSES) == place


def test_an_image_in_no_emotion_folder_is_told_the_classes():
  classes = ("sad", "happy")
  assert str(labels.no_emotion_folder("a/odd/1.png", classes)) == (
    "folder 'odd' names no emotion; expected one of sad, happy"
  )
  assert str(labels.no_emotion_folder("1.png", classes)).startswith("it lies in no emotion folder;")


@pytest.mark.parametrize(
  ("name", "subject"),
  [("CK+48/happy/S010_004_00000017.png", "S010"), ("S5.png", ""), ("happy/x_S010_1.png", "")],
)
def test_a_subject_is_what_a_name_begins_with(name, subject):
  assert labels.subject_of(name) == subject


@pytest.mark.parametrize(
  ("names", "top"),
  [
    (["a/b/cat/1.png", "a/b/dog/1.png"], "a/b/"),
    (["a/train/1.png", "a/train/2.png"], "a/"),  # a split distinguishes even where it is alone
    (["1.png", "cat/2.png"], ""),
    ([], ""),
  ],
)
def test_what_every_name_lies_in_is_no_class(names, top):
  assert labels.common_top(names) == top


@pytest.mark.parametrize(
  ("name", "place"),
  [
    ("top/test/cat/old/1.png", ("test", "cat")),
    ("top/cat/1.png", ("train", "cat")),
    ("top/val/1.png", ("validation", None)),
    ("top/1.png", ("train", None)),
  ],
)
def test_below_the_top_come_split_and_class(name, place):
  assert labels.class_folder(name, "top/") == place


def test_a_class_folders_label_is_its_place_and_none_has_none():
  assert labels.label_in(("cat", "dog"), "dog") == 1
  assert labels.label_in(("cat", "dog"), None) == UNLABELLED
