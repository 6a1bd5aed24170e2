import hashlib
import json
import shutil

import numpy as np
import pytest

from dcgan_jax.data import builders, reports
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
  files = {reports.REPORT: json.dumps(report)}
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
  info = reports.split_info("faces", split, str(root))
  prepared = builders.load_prepared("faces", split, str(root))
  assert info == reports.SplitInfo(prepared.fingerprint, num_images, prepared.class_names)
  assert len(prepared.images) == num_images


def test_a_set_without_its_image_files_is_damaged(root, tmp_path):
  copy = shutil.copytree(root, tmp_path / "data")
  records = list(copy.glob("faces/*/*.tfrecord*"))
  assert records
  for file in records:
    file.unlink()
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(copy))


def test_what_the_report_refuses_is_not_read(root):
  with pytest.raises(UserError, match="data set 'cats' is not prepared in"):
    builders.load_prepared("cats", "train", str(root))
  with pytest.raises(UserError, match="no split 'valid'"):
    builders.load_prepared("faces", "valid", str(root))


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
  report = json.loads((location / reports.REPORT).read_text())
  report["splits"]["train"]["fingerprint"] = report["splits"]["test"]["fingerprint"]
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(tmp_path))
