import hashlib
import json
import shutil

import numpy as np
import pytest

from dcgan_jax.data import builders, pixel_file, reports
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.records import Record
from dcgan_jax.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype(np.uint8)
SPLITS = ("train", "test", "train", "train", "test")
LABELS = (1, 0, -1, 0, 1)
# Of the five records, 0, 2 and 3 are train.
TRAIN = [0, 2, 3]


def write(root, name="faces", images=IMAGES):
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
      (images[r.position] for r in records if r.split == split),
      np.array([r.label for r in records if r.split == split]),
    )
    for split in ("train", "test")
  }
  report = {
    "image_shape": images.shape[1:],
    "class_names": ["cat", "dog"],
    "splits": {
      split: {
        "images": SPLITS.count(split),
        "fingerprint": one,
        "pixel_file": pixel_file.name_for(split, SPLITS.count(split), images.shape[1:]),
      }
      for split, one in prints.items()
    },
  }
  return builders.write_set(
    root,
    name,
    ("cat", "dog"),
    records,
    lambda record: images[record.position],
    {reports.REPORT: json.dumps(report)},
    images.shape[1:],
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


@pytest.mark.parametrize("change", [-1, 1])
def test_another_number_of_images_than_the_report_s_is_noticed(tmp_path, change):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["splits"]["train"]["images"] += change
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(tmp_path))


def test_exchanged_labels_are_noticed(tmp_path):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["splits"]["train"]["fingerprint"] = report["splits"]["test"]["fingerprint"]
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(tmp_path))


def test_colour_images_of_another_size_read_back_bit_for_bit(tmp_path):
  images = np.random.default_rng(1).integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)
  write(tmp_path, images=images)
  prepared = builders.load_prepared("faces", "train", str(tmp_path))
  np.testing.assert_array_equal(prepared.images, images[TRAIN])
  assert reports.split_info("faces", "train", str(tmp_path)).image_shape == (64, 64, 3)


def test_another_shape_than_the_report_s_is_noticed(tmp_path):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["image_shape"] = [64, 36, 1]  # as many pixels
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    builders.load_prepared("faces", "train", str(tmp_path))


@pytest.fixture
def large(tmp_path, monkeypatch):
  """The same set, but three images are more than memory may hold, and two are not."""
  monkeypatch.setattr(pixel_file, "LIMIT", 2 * 48 * 48)
  return write(tmp_path)


def test_a_large_split_is_mapped_and_otherwise_the_same(root, large):
  mapped = builders.load_prepared("faces", "train", str(large.parents[1]))
  assert isinstance(mapped.images, np.memmap)
  assert not mapped.images.flags.writeable
  decoded = builders.load_prepared("faces", "train", str(root))
  np.testing.assert_array_equal(mapped.images, decoded.images)
  np.testing.assert_array_equal(mapped.labels, decoded.labels)
  for field in ("class_names", "subjects", "sources", "action_units", "fingerprint"):
    assert getattr(mapped, field) == getattr(decoded, field)


def test_a_split_that_memory_holds_has_no_pixel_file(large):
  assert [file.name for file in large.glob("*.npy")] == ["train.npy"]
  prepared = builders.load_prepared("faces", "test", str(large.parents[1]))
  assert not isinstance(prepared.images, np.memmap)


def test_a_large_split_decodes_no_png(large, monkeypatch):
  def refuse(*args, **kwargs):
    raise AssertionError("a PNG was decoded")

  monkeypatch.setattr(builders.tfds.features.Image, "decode_example", refuse)
  builders.load_prepared("faces", "train", str(large.parents[1]))


@pytest.mark.parametrize("damage", ["missing", "cut", "flip"])
def test_a_damaged_pixel_file_is_noticed(large, damage):
  file = large / "train.npy"
  data = bytearray(file.read_bytes())
  if damage == "missing":
    file.unlink()
  elif damage == "cut":
    file.write_bytes(data[:-1])
  else:
    data[-1] ^= 255
    file.write_bytes(data)
  with pytest.raises(UserError, match=r"is damaged.*\n.*--overwrite"):
    builders.load_prepared("faces", "train", str(large.parents[1]))
