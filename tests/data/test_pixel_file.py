import pathlib
import re

import numpy as np
import pytest

from dcgan_jax.data import pixel_file

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)


@pytest.fixture
def path(tmp_path):
  with pixel_file.writing(tmp_path / "train.npy", *shape_of(IMAGES)) as append:
    for image in IMAGES:
      append(image)
  return tmp_path / "train.npy"


def shape_of(images):
  return len(images), images.shape[1:]


def test_numpy_opens_what_was_written(path):
  np.testing.assert_array_equal(np.load(path), IMAGES)


@pytest.mark.parametrize(("limit", "mapped"), [(5 * 4 * 6 * 3, False), (5 * 4 * 6 * 3 - 1, True)])
def test_it_is_mapped_above_the_limit_and_cannot_be_written(path, monkeypatch, limit, mapped):
  monkeypatch.setattr(pixel_file, "LIMIT", limit)
  images = pixel_file.read(path, *shape_of(IMAGES))
  assert isinstance(images, np.memmap) == mapped
  np.testing.assert_array_equal(images, IMAGES)
  with pytest.raises(ValueError, match="read-only"):
    images[0] = 0


def test_whoever_only_looks_at_it_has_it_mapped(path):
  images = pixel_file.mapped(path, *shape_of(IMAGES))
  assert isinstance(images, np.memmap)
  np.testing.assert_array_equal(images, IMAGES)


def test_images_taken_by_index_are_ordinary_arrays(path, monkeypatch):
  monkeypatch.setattr(pixel_file, "LIMIT", 0)
  indices = np.array([[3, 0], [3, 4]])
  taken = pixel_file.read(path, *shape_of(IMAGES))[indices]
  assert type(taken) is np.ndarray
  np.testing.assert_array_equal(taken, IMAGES[indices])


@pytest.mark.parametrize("num_bytes", [0, 5, 200])
def test_a_file_cut_short_is_refused(path, num_bytes):
  path.write_bytes(path.read_bytes()[:num_bytes])
  with pytest.raises((ValueError, OSError)):
    pixel_file.read(path, *shape_of(IMAGES))


def test_no_damaged_byte_of_the_header_raises_anything_else(path):
  data = path.read_bytes()
  refused = 0
  for place in range(128):
    for flip in (1, 4, 255):
      path.write_bytes(data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :])
      try:
        pixel_file.read(path, *shape_of(IMAGES))
      except (ValueError, OSError):
        refused += 1
  assert refused > 128


@pytest.mark.parametrize(
  "other", [IMAGES[:4], IMAGES.transpose(0, 2, 1, 3).copy(), IMAGES.view(np.int8)]
)
def test_an_array_of_another_kind_is_refused(path, other):
  np.save(path, other)
  with pytest.raises(ValueError, match="expected uint8"):
    pixel_file.read(path, *shape_of(IMAGES))


def test_celeba_is_mapped_and_fer2013_is_not():
  assert 28_709 * 48 * 48 < pixel_file.LIMIT < 162_770 * 64 * 64 * 3


def test_passing_through_a_mapped_file_yields_all_of_it(tmp_path, monkeypatch):
  monkeypatch.setattr(pixel_file, "LIMIT", 0)
  images = np.random.default_rng(0).integers(0, 256, (2500, 4, 6, 1), dtype=np.uint8)
  np.save(tmp_path / "train.npy", images)
  parts = list(
    pixel_file.passed_through(pixel_file.read(tmp_path / "train.npy", *shape_of(images)))
  )
  assert [len(part) for part in parts] == [1024, 1024, 452]
  np.testing.assert_array_equal(np.concatenate(parts), images)


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_released_pages_are_no_longer_this_process_s_and_read_the_same(tmp_path, monkeypatch):
  monkeypatch.setattr(pixel_file, "LIMIT", 0)
  size = 2**26
  np.save(tmp_path / "train.npy", np.full((size // 2**12, 64, 64, 1), 7, np.uint8))
  images = pixel_file.read(tmp_path / "train.npy", size // 2**12, (64, 64, 1))
  assert images.max() == 7
  before = mapped_bytes()
  pixel_file.release(images)
  assert before - mapped_bytes() > 0.9 * size
  assert images.min() == 7


def mapped_bytes():
  """Of files, in this process's memory."""
  status = pathlib.Path("/proc/self/status").read_text()
  return 1024 * int(re.search(r"RssFile:\s*(\d+) kB", status)[1])
