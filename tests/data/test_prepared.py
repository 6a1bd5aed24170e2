import hashlib
import json
import shutil

import numpy as np
import pytest
from five_faces import IMAGES, TRAIN, write
from modules_loaded import modules_loaded

from dcgan_jax.data import pixel_file, reports
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  root = tmp_path_factory.mktemp("data")
  write(root)
  return root


def test_a_split_reads_back_bit_for_bit_in_record_order(root):
  prepared = load_prepared("faces", "train", str(root))
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
  prepared = load_prepared("faces", "train", str(root))
  assert prepared.fingerprint == expected.hexdigest()


@pytest.mark.parametrize(("split", "num_images"), [("train", 3), ("test", 2)])
def test_the_info_of_a_split_is_that_of_its_images(root, split, num_images):
  info = reports.split_info("faces", split, str(root))
  prepared = load_prepared("faces", split, str(root))
  assert info == reports.SplitInfo(prepared.fingerprint, num_images, prepared.class_names)
  assert len(prepared.images) == num_images


@pytest.mark.parametrize("file", ["train.npy", "train.npz"])
def test_a_set_that_lacks_a_file_says_what_to_do(root, tmp_path, file):
  copy = shutil.copytree(root, tmp_path / "data")
  (copy / "faces" / reports.VERSION / file).unlink()
  with pytest.raises(UserError, match=r"is damaged(.|\n)*--overwrite"):
    load_prepared("faces", "train", str(copy))


def test_what_the_report_refuses_is_not_read(root):
  with pytest.raises(UserError, match="data set 'cats' is not prepared in"):
    load_prepared("cats", "train", str(root))
  with pytest.raises(UserError, match="no split 'valid'"):
    load_prepared("faces", "valid", str(root))


@pytest.mark.parametrize("file", ["train.npy", "train.npz"])
@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_files_are_noticed(tmp_path, file, damage):
  path = write(tmp_path) / file
  data = bytearray(path.read_bytes())
  if damage == "cut":
    data = data[: len(data) // 2]
  else:
    data[len(data) // 2] ^= 255
  path.write_bytes(data)
  with pytest.raises(UserError, match=r"is damaged.*\n.*--overwrite"):
    load_prepared("faces", "train", str(tmp_path))


@pytest.mark.parametrize("change", [-1, 1])
def test_another_number_of_images_than_the_report_s_is_noticed(tmp_path, change):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["splits"]["train"]["images"] += change
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    load_prepared("faces", "train", str(tmp_path))


def test_exchanged_labels_are_noticed(tmp_path):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["splits"]["train"]["fingerprint"] = report["splits"]["test"]["fingerprint"]
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    load_prepared("faces", "train", str(tmp_path))


def test_colour_images_of_another_size_read_back_bit_for_bit(tmp_path):
  images = np.random.default_rng(1).integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)
  write(tmp_path, images=images)
  prepared = load_prepared("faces", "train", str(tmp_path))
  np.testing.assert_array_equal(prepared.images, images[TRAIN])
  assert reports.split_info("faces", "train", str(tmp_path)).image_shape == (64, 64, 3)


def test_another_shape_than_the_report_s_is_noticed(tmp_path):
  location = write(tmp_path)
  report = json.loads((location / reports.REPORT).read_text())
  report["image_shape"] = [64, 36, 1]  # as many pixels
  (location / reports.REPORT).write_text(json.dumps(report))
  with pytest.raises(UserError, match="is damaged"):
    load_prepared("faces", "train", str(tmp_path))


@pytest.fixture
def large(tmp_path, monkeypatch):
  """The same set, but three images are more than memory may hold, and two are not."""
  monkeypatch.setattr(pixel_file, "LIMIT", 2 * 48 * 48)
  return write(tmp_path)


def test_a_large_split_is_mapped_and_otherwise_the_same(root, large):
  mapped = load_prepared("faces", "train", str(large.parents[1]))
  assert isinstance(mapped.images, np.memmap)
  assert not mapped.images.flags.writeable
  whole = load_prepared("faces", "train", str(root))
  np.testing.assert_array_equal(mapped.images, whole.images)
  np.testing.assert_array_equal(mapped.labels, whole.labels)
  for field in ("class_names", "subjects", "sources", "action_units", "fingerprint"):
    assert getattr(mapped, field) == getattr(whole, field)


def test_a_split_that_memory_holds_is_in_memory(large):
  prepared = load_prepared("faces", "test", str(large.parents[1]))
  assert not isinstance(prepared.images, np.memmap)
  assert not prepared.images.flags.writeable


def test_no_tensorflow_is_loaded(root):
  program = "from dcgan_jax.data.prepared import load_prepared as load; load(*sys.argv[1:])"
  assert modules_loaded(program, "faces", "train", root) == set()
