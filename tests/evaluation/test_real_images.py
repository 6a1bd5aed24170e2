import dataclasses
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from dcgan_jax.data import builders
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.real_images import Faces, RealImages, from_folder, from_prepared, kept
from dcgan_jax.figures import save_png

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 6, 5, 1), dtype=np.uint8)
FACES = Faces(IMAGES, np.int32([1, -1, 0]), ("S1", "", "Sö"), ("cat", "dog"))


def broken(*_):
  raise AssertionError("read again")


def real(read, fingerprint="abc", folder="/data"):
  names = FACES.class_names
  return RealImages("train", "faces/train", fingerprint, 3, read, names, pathlib.Path(folder))


def assert_same(faces, expected):
  np.testing.assert_array_equal(faces.images, expected.images)
  np.testing.assert_array_equal(faces.labels, expected.labels)
  assert faces.images.dtype == np.uint8
  assert faces.labels.dtype == np.int32
  assert (faces.subjects, faces.class_names) == (expected.subjects, expected.class_names)


def test_a_prepared_split_is_known_before_any_image_is_read(data_dir, monkeypatch):
  load, calls = builders.load_prepared, []
  monkeypatch.setattr(builders, "load_prepared", lambda *what: calls.append(what) or load(*what))
  known = from_prepared("synthetic", "test", str(data_dir))
  expected = load("synthetic", "test", str(data_dir))
  assert (known.label, known.description) == ("test", "synthetic/test")
  assert (known.fingerprint, known.num_images) == (expected.fingerprint, 10)
  assert (known.class_names, known.folder) == (expected.class_names, data_dir)
  assert calls == []
  assert_same(known.read(), expected)
  assert calls == [("synthetic", "test", str(data_dir))]


def test_a_prepared_split_needs_no_tensorflow_before_its_images_are_read(data_dir):
  program = (
    "import sys\n"
    "from dcgan_jax.evaluation.real_images import from_prepared\n"
    "print(from_prepared('synthetic', 'train', sys.argv[1]).num_images)\n"
    "print('tensorflow' in sys.modules)\n"
  )
  command = [sys.executable, "-c", program, str(data_dir)]
  ran = subprocess.run(command, capture_output=True, text=True, check=True)
  assert ran.stdout.split() == ["90", "False"]


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


def test_kept_images_are_read_once_only_and_mapped(tmp_path):
  first = kept(real(lambda: FACES), tmp_path).read()
  again = kept(real(broken), tmp_path).read()
  for faces in (first, again):
    assert_same(faces, FACES)
    assert isinstance(faces.images, np.memmap)


def test_a_kept_split_needs_its_prepared_set_no_more(data_dir, tmp_path, monkeypatch):
  split = from_prepared("synthetic", "train", str(data_dir))
  first = kept(split, tmp_path).read()
  monkeypatch.setattr(builders, "load_prepared", broken)
  again = kept(from_prepared("synthetic", "train", str(data_dir)), tmp_path).read()
  assert_same(again, first)


def test_keeping_reads_nothing_until_it_is_asked_to(tmp_path):
  known = kept(real(broken), tmp_path)
  assert (known.label, known.fingerprint, known.num_images) == ("train", "abc", 3)


def test_other_images_are_kept_apart(tmp_path):
  kept(real(lambda: FACES), tmp_path).read()
  other = dataclasses.replace(FACES, images=IMAGES + 1)
  assert_same(kept(real(lambda: other, "def"), tmp_path).read(), other)


def test_the_same_images_of_other_people_in_another_place_are_kept_apart(tmp_path):
  kept(real(lambda: FACES), tmp_path).read()
  other = dataclasses.replace(FACES, subjects=("S4", "S5", "S5"))
  assert_same(kept(real(lambda: other, folder="/other"), tmp_path).read(), other)


def test_class_names_are_the_report_s_of_today(tmp_path):
  kept(real(lambda: FACES), tmp_path).read()
  renamed = dataclasses.replace(real(broken), class_names=("Katze", "Hund"))
  assert kept(renamed, tmp_path).read().class_names == ("Katze", "Hund")


def test_images_of_any_other_folder_get_into_no_cache(tmp_path):
  save_png(tmp_path / "faces" / "a.png", IMAGES[0])
  folder = kept(from_folder(tmp_path / "faces", None), tmp_path / "store")
  assert_same(folder.read(), Faces(IMAGES[:1], np.int32([-1]), ("",), ()))
  assert not (tmp_path / "store").exists()


def test_unknown_people_stay_unknown(tmp_path):
  unknown = dataclasses.replace(FACES, subjects=("", "", ""))
  for read in (lambda: unknown, broken):
    assert kept(real(read), tmp_path).read().subjects == ("", "", "")


def test_a_reading_that_fails_may_be_repeated(tmp_path):
  with pytest.raises(AssertionError, match="read again"):
    kept(real(broken), tmp_path).read()
  assert_same(kept(real(lambda: FACES), tmp_path).read(), FACES)


def test_a_copy_cut_short_by_a_kill_is_made_again(tmp_path):
  kept(real(lambda: FACES), tmp_path).read()
  (labels,) = tmp_path.glob("*/labels.npy")
  labels.unlink()  # written last
  assert_same(kept(real(lambda: FACES), tmp_path).read(), FACES)
