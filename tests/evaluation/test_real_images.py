import numpy as np
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import real_images
from dcgan_jax.evaluation.real_images import Faces, from_folder, from_prepared
from dcgan_jax.figures import save_png

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 6, 5, 1), dtype=np.uint8)


def assert_same(faces, expected):
  np.testing.assert_array_equal(faces.images, expected.images)
  np.testing.assert_array_equal(faces.labels, expected.labels)
  assert faces.images.dtype == np.uint8
  assert faces.labels.dtype == np.int32
  assert (faces.subjects, faces.class_names) == (expected.subjects, expected.class_names)


def test_a_prepared_split_is_known_before_any_image_is_read(data_dir, monkeypatch):
  load, calls = real_images.load_prepared, []
  monkeypatch.setattr(real_images, "load_prepared", lambda *what: calls.append(what) or load(*what))
  known = from_prepared("synthetic", "test", str(data_dir))
  expected = load("synthetic", "test", str(data_dir))
  assert (known.label, known.description) == ("test", "synthetic/test")
  assert (known.fingerprint, known.num_images) == (expected.fingerprint, 10)
  assert known.class_names == expected.class_names
  assert calls == []
  assert_same(known.read(), expected)
  assert calls == [("synthetic", "test", str(data_dir))]


def test_what_is_not_prepared_is_refused_at_once(data_dir):
  with pytest.raises(UserError, match="data set 'ckplus' is not prepared"):
    from_prepared("ckplus", "train", str(data_dir))


def test_a_folder_is_called_by_its_name_and_its_subfolders_are_classes(tmp_path):
  for label, image in zip(("dog", "cat"), IMAGES[:2], strict=True):
    save_png(tmp_path / "faces" / label / "a.png", image)
  folder = from_folder(tmp_path / "faces", None)
  assert (folder.label, folder.description) == ("faces", str(tmp_path / "faces"))
  assert folder.num_images == 2
  # Sorted by path: the cat first.
  assert_same(folder.read(), Faces(IMAGES[[1, 0]], np.int32([0, 1]), ("", ""), ("cat", "dog")))


def test_a_folder_of_another_size_is_refused(tmp_path):
  save_png(tmp_path / "a.png", IMAGES[0])
  with pytest.raises(UserError, match=r"a\.png"):
    from_folder(tmp_path, (48, 48, 1))


def test_an_empty_folder_is_refused(tmp_path):
  with pytest.raises(UserError, match="no images"):
    from_folder(tmp_path, None)
