import os
import zipfile

import numpy as np
import pytest

from dcgan_jax.data import array_file


def test_the_arrays_that_are_wanted_come_back(tmp_path):
  path = tmp_path / "a.npz"
  np.savez_compressed(path, a=np.arange(3), b=np.eye(2))
  assert array_file.names(path) == {"a", "b"}
  assert array_file.read(path).keys() == {"a", "b"}
  arrays = array_file.read(path, ("b", "c"))
  assert arrays.keys() == {"b"}
  np.testing.assert_array_equal(arrays["b"], np.eye(2))


def test_what_packs_beyond_measure_is_refused_only_where_it_is_large(tmp_path, monkeypatch):
  path = tmp_path / "zeros.npz"
  np.savez_compressed(path, a=np.zeros(2**20, np.uint8))  # some 1,000 bytes
  assert not array_file.read(path)["a"].any()
  monkeypatch.setattr(array_file, "_LARGE", 2**20)
  with pytest.raises(ValueError, match=r"a\.npy claims 1,048,704 bytes packed in 1,\d+:"):
    array_file.read(path)


def test_a_pipe_is_not_waited_for(tmp_path):
  os.mkfifo(tmp_path / "a.npz")
  with pytest.raises(ValueError, match="not a file"):
    array_file.read(tmp_path / "a.npz")


def test_objects_and_damage_are_value_errors(tmp_path):
  path = tmp_path / "a.npz"
  np.savez(path, a=np.array([{}]))
  with pytest.raises(ValueError, match="allow_pickle=False"):
    array_file.read(path)
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a.npy", b"\x93NUMPY\1\0\4\0((((")
  with pytest.raises(ValueError, match=r"."):
    array_file.read(path)
  path.write_bytes(b"no zip")
  assert array_file.names(path) == set()
  with pytest.raises(ValueError, match="not a zip"):
    array_file.read(path)


def test_a_missing_file_is_an_os_error(tmp_path):
  with pytest.raises(FileNotFoundError):
    array_file.read(tmp_path / "a.npz")
