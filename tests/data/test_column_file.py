import numpy as np
import pytest

from dcgan_jax.data import column_file
from dcgan_jax.data.records import Record


def record(index, units=None):
  return Record(f"ö{index}.png", index - 1, "train", "", units, index, b"", False)


def test_what_is_written_reads_back_with_its_types(tmp_path):
  units = [np.float32([0.1, i]) for i in range(3)]
  column_file.write(tmp_path / "train.npz", [record(i, units[i]) for i in range(3)])
  columns = column_file.read(tmp_path / "train.npz", 3)
  assert columns["label"].dtype == np.int32
  assert columns["label"].tolist() == [-1, 0, 1]
  assert columns["subject"].tolist() == ["", "", ""]
  assert columns["source"].tolist() == ["ö0.png", "ö1.png", "ö2.png"]
  assert columns["action_units"].dtype == np.float32
  np.testing.assert_array_equal(columns["action_units"], units)


def test_photographs_have_no_action_units(tmp_path):
  column_file.write(tmp_path / "train.npz", [record(0)])
  assert set(column_file.read(tmp_path / "train.npz", 1)) == {"label", "subject", "source"}


@pytest.mark.parametrize("num_images", [1, 3])
def test_the_columns_of_other_images_are_refused(tmp_path, num_images):
  column_file.write(tmp_path / "train.npz", [record(0), record(1)])
  with pytest.raises(ValueError, match=f"not the columns of {num_images} images"):
    column_file.read(tmp_path / "train.npz", num_images)


def test_a_file_without_a_column_is_refused(tmp_path):
  np.savez(tmp_path / "train.npz", label=np.int32([0]))
  with pytest.raises(ValueError, match="not the columns of 1 images"):
    column_file.read(tmp_path / "train.npz", 1)


@pytest.mark.parametrize("num_bytes", [0, 10, 300])
def test_a_file_cut_short_is_refused(tmp_path, num_bytes):
  path = tmp_path / "train.npz"
  column_file.write(path, [record(i) for i in range(9)])
  path.write_bytes(path.read_bytes()[:num_bytes])
  with pytest.raises((ValueError, OSError)):
    column_file.read(path, 9)


def test_no_damaged_byte_raises_anything_else(tmp_path):
  path = tmp_path / "train.npz"
  column_file.write(path, [record(i) for i in range(3)])
  data = path.read_bytes()
  refused = 0
  for place in range(len(data)):
    path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
    try:
      columns = column_file.read(path, 3)
    except (ValueError, OSError):
      refused += 1
    else:  # a byte that tells nothing of the columns, such as the file's time
      assert columns["source"].tolist() == ["ö0.png", "ö1.png", "ö2.png"]
  assert refused > len(data) // 2


def test_an_array_in_its_place_is_refused(tmp_path):
  with (tmp_path / "train.npz").open("wb") as file:
    np.save(file, np.zeros(3))
  with pytest.raises(ValueError, match=r"train\.npz"):
    column_file.read(tmp_path / "train.npz", 3)


def test_a_missing_file_is_an_os_error(tmp_path):
  with pytest.raises(OSError, match=r"train\.npz"):
    column_file.read(tmp_path / "train.npz", 1)
