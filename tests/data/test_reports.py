import json
import pathlib

import pytest

from dcgan_jax.data import reports
from dcgan_jax.errors import UserError

REPORT = {
  "image_shape": [48, 48, 1],
  "class_names": ["cat", "dog"],
  "splits": {
    "train": {"images": 3, "fingerprint": "abc"},
    "test": {"images": 2, "fingerprint": "def"},
  },
}


def write(root, text, name="faces"):
  """All that is looked at of a set: two files."""
  location = reports.set_dir(root, name)
  location.mkdir(parents=True)
  (location / "dataset_info.json").touch()
  (location / reports.REPORT).write_text(text)
  return location


@pytest.fixture
def root(tmp_path):
  write(tmp_path, json.dumps(REPORT))
  return tmp_path


def train_info(name, root):
  return reports.split_info(name, "train", root)


# Both look at the whole report, and say the same of what is wrong there.
EITHER = pytest.mark.parametrize("read", [train_info, reports.split_names])


def test_a_split_is_described_by_the_report_alone(root):
  info = reports.split_info("faces", "test", str(root))
  assert info == reports.SplitInfo("def", 2, ("cat", "dog"))


def test_a_report_without_a_shape_is_of_48_by_48_gray_images(root):
  assert reports.split_info("faces", "test", str(root)).image_shape == (48, 48, 1)


def test_the_shape_is_that_of_the_report(tmp_path):
  train = {"images": 3, "fingerprint": "abc"}
  report = {"class_names": [], "image_shape": [64, 64, 3], "splits": {"train": train}}
  write(tmp_path, json.dumps(report))
  info = reports.split_info("faces", "train", str(tmp_path))
  assert info == reports.SplitInfo("abc", 3, (), (64, 64, 3))


def test_the_splits_are_those_of_the_report(root):
  assert reports.split_names("faces", str(root)) == ("train", "test")


def test_an_unknown_split_names_those_there_are(root):
  with pytest.raises(UserError, match=r"no split 'valid'; it has train \(3 images\), test \(2 im"):
    reports.split_info("faces", "valid", str(root))


@EITHER
@pytest.mark.parametrize(
  ("name", "commands"),
  [
    ("fer2013", ["prepare fer2013 --source=PATH --data-dir=", "prepare fer2013 --download --data"]),
    ("synthetic", ["prepare synthetic --data-dir="]),
    ("faces64", ["prepare faces --source=PATH --name=faces64 --data-dir="]),
    ("fer2013_clean", ["prepare fer2013 --source=PATH --name=fer2013_clean --data-dir="]),
    ("my_cats", ["prepare folder --source=PATH --name=my_cats --data-dir="]),
  ],
)
def test_what_is_not_prepared_says_how_to_prepare_it(root, read, name, commands):
  with pytest.raises(UserError) as caught:
    read(name, str(root))
  message = str(caught.value)
  assert f"data set {name!r} is not prepared in {root}" in message
  assert "Prepared there: faces." in message
  for command in commands:
    assert command in message


@EITHER
@pytest.mark.parametrize("file", ["dataset_info.json", reports.REPORT])
def test_a_set_that_lacks_a_file_is_not_prepared(root, read, file):
  (reports.set_dir(root, "faces") / file).unlink()
  with pytest.raises(UserError, match="is not prepared"):
    read("faces", str(root))


@EITHER
@pytest.mark.parametrize(
  "text",
  [
    '{"class_names": ["cat", "do',
    "[]",
    '{"class_names": []}',
    '{"image_shape": [48, 48, 1], "class_names": null, "splits": {}}',
    '{"image_shape": [48, 48, 1], "class_names": [], "splits": []}',
    '{"image_shape": [48, 48, 1], "class_names": [], "splits": {"train": {"images": 3}}}',
    '{"image_shape": [48, 48, 1], "class_names": [], "splits": {"train": 3}}',
    '{"class_names": [], "splits": {}, "image_shape": [48, 48]}',
    '{"class_names": [], "splits": {}, "image_shape": 48}',
  ],
)
def test_a_damaged_report_is_noticed(tmp_path, read, text):
  write(tmp_path, text)
  with pytest.raises(UserError, match=r"data set 'faces' in .* is damaged.*\n.*--overwrite"):
    read("faces", str(tmp_path))


def test_a_report_is_read_as_it_was_written(root):
  assert reports.read_report(reports.set_dir(root, "faces")) == REPORT


def test_the_data_directory_is_explicit_then_environment_then_cache(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_DATA", "/from/environment")
  assert reports.data_dir("/explicit") == pathlib.Path("/explicit")
  assert reports.data_dir(None) == pathlib.Path("/from/environment")
  monkeypatch.delenv("DCGAN_JAX_DATA")
  monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
  assert reports.data_dir(None).parts[-2:] == ("dcgan_jax", "data")


def test_a_url_is_no_data_directory():
  with pytest.raises(UserError, match="a local folder is needed"):
    reports.data_dir("gs://bucket/data")
