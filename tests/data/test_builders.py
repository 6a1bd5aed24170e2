import hashlib
import json
import pathlib
import shutil

import numpy as np
import pytest

from dcgan_jax.data import builders
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.records import Record
from dcgan_jax.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype(np.uint8)
SPLITS = ("train", "test", "train", "train", "test")
LABELS = (1, 0, -1, 0, 1)
# Of the five records, 0, 2 and 3 are train.
TRAIN = [0, 2, 3]


def write(root, name="faces"):
  records = [
    Record(
      source=f"ö{i}.png",
      label=LABELS[i],
      split=SPLITS[i],
      subject=f"S{i}" if i else "",
      action_units=None,
      position=i,
      digest=b"",
      constant=False,
    )
    for i in range(5)
  ]
  prints = {
    split: fingerprint(
      (IMAGES[r.position] for r in records if r.split == split),
      np.array([r.label for r in records if r.split == split]),
    )
    for split in ("train", "test")
  }
  report = {
    "class_names": ["cat", "dog"],
    "splits": {
      split: {"images": SPLITS.count(split), "fingerprint": one} for split, one in prints.items()
    },
  }
  files = {builders.REPORT: json.dumps(report)}
  return builders.write_set(
    root, name, ("cat", "dog"), records, lambda record: IMAGES[record.position], files
  )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  root = tmp_path_factory.mktemp("data")
  write(root)
  return root


def test_a_split_reads_back_bit_for_bit_in_record_order(root):
  prepared = builders.load_prepared("faces", "train", str(root))
  assert prepared.images.dtype == np.uint8
  assert prepared.labels.dtype == np.int32
  np.testing.assert_array_equal(prepared.images, IMAGES[TRAIN])
  assert prepared.labels.tolist() == [1, -1, 0]
  assert prepared.class_names == ("cat", "dog")
  assert prepared.subjects == ("", "S2", "S3")
  assert prepared.sources == ("ö0.png", "ö2.png", "ö3.png")
  assert prepared.action_units is None


def test_the_fingerprint_is_the_hash_of_images_then_labels(root):
  expected = hashlib.sha256(IMAGES[TRAIN].tobytes() + np.array([1, -1, 0], "<i4").tobytes())
  prepared = builders.load_prepared("faces", "train", str(root))
  assert prepared.fingerprint == expected.hexdigest()


@pytest.mark.parametrize(("split", "num_images"), [("train", 3), ("test", 2)])
def test_the_info_of_a_split_is_that_of_its_images(root, split, num_images):
  info = builders.split_info("faces", split, str(root))
  prepared = builders.load_prepared("faces", split, str(root))
  assert info == builders.SplitInfo(prepared.fingerprint, num_images, prepared.class_names)
  assert len(prepared.images) == num_images


def test_the_info_of_a_split_needs_no_image_files(root, tmp_path):
  copy = shutil.copytree(root, tmp_path / "data")
  records = list(copy.glob("faces/*/*.tfrecord*"))
  assert records
  for file in records:
    file.unlink()
  info = builders.split_info("faces", "train", str(copy))
  assert info == builders.split_info("faces", "train", str(root))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(copy))


# Both look at the report first, and say the same of what is wrong there.
EITHER = pytest.mark.parametrize("read", [builders.load_prepared, builders.split_info])


@EITHER
@pytest.mark.parametrize(
  ("name", "commands"),
  [
    ("fer2013", ["prepare fer2013 --source=PATH --data-dir=", "prepare fer2013 --download --data"]),
    ("synthetic", ["prepare synthetic --data-dir="]),
    ("my_cats", ["prepare folder --source=PATH --name=my_cats --data-dir="]),
  ],
)
def test_what_is_not_prepared_says_how_to_prepare_it(root, read, name, commands):
  with pytest.raises(UserError) as caught:
    read(name, "train", str(root))
  message = str(caught.value)
  assert f"data set {name!r} is not prepared in {root}" in message
  assert "Prepared there: faces." in message
  for command in commands:
    assert command in message


@EITHER
def test_an_unknown_split_names_those_there_are(root, read):
  with pytest.raises(UserError, match=r"no split 'valid'; it has train \(3 images\), test \(2 im"):
    read("faces", "valid", str(root))


@EITHER
def test_a_set_without_its_report_is_not_prepared(tmp_path, read):
  (write(tmp_path) / builders.REPORT).unlink()
  with pytest.raises(UserError, match="is not prepared"):
    read("faces", "train", str(tmp_path))


@EITHER
@pytest.mark.parametrize(
  "text",
  [
    '{"class_names": ["cat", "do',
    "[]",
    '{"class_names": []}',
    '{"class_names": null, "splits": {}}',
    '{"class_names": [], "splits": []}',
    '{"class_names": [], "splits": {"train": {"images": 3}}}',
    '{"class_names": [], "splits": {"train": 3}}',
  ],
)
def test_a_damaged_report_is_noticed(tmp_path, read, text):
  location = builders.set_dir(tmp_path, "faces")
  location.mkdir(parents=True)
  (location / "dataset_info.json").touch()
  (location / builders.REPORT).write_text(text)
  with pytest.raises(UserError, match=r"data set 'faces' in .* is damaged.*\n.*--overwrite"):
    read("faces", "train", str(tmp_path))


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_records_are_noticed(tmp_path, damage):
  location = write(tmp_path)
  (file,) = location.glob("*train*")
  data = bytearray(file.read_bytes())
  if damage == "cut":
    data = data[: len(data) // 2]
  else:
    data[len(data) // 2] ^= 255
  file.write_bytes(data)
  with pytest.raises(UserError, match=r"is damaged.*\n.*--overwrite"):
    builders.load_prepared("faces", "train", str(tmp_path))


def test_exchanged_labels_are_noticed(tmp_path):
  location = write(tmp_path)
  report = json.loads((location / builders.REPORT).read_text())
  report["splits"]["train"]["fingerprint"] = report["splits"]["test"]["fingerprint"]
  (location / builders.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(tmp_path))


def test_the_data_directory_is_explicit_then_environment_then_cache(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_DATA", "/from/environment")
  assert builders.data_dir("/explicit") == pathlib.Path("/explicit")
  assert builders.data_dir(None) == pathlib.Path("/from/environment")
  monkeypatch.delenv("DCGAN_JAX_DATA")
  monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
  assert builders.data_dir(None).parts[-2:] == ("dcgan_jax", "data")


def test_a_url_is_no_data_directory():
  with pytest.raises(UserError, match="a local folder is needed"):
    builders.data_dir("gs://bucket/data")
