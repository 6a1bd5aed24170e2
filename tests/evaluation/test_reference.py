import hashlib
import json

import numpy as np
import pytest
from fake_extractor import BrokenExtractor, FakeExtractor

from dcgan_jax.evaluation import reference as module
from dcgan_jax.evaluation.real_images import Faces, RealImages, only
from dcgan_jax.evaluation.reference import Reference

WIDTH = 4
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 6, 5, 1), dtype=np.uint8)
# Three frames of each of four people.
SUBJECTS = tuple(f"S{i // 3}" for i in range(12))


@pytest.fixture(autouse=True)
def _few_features(monkeypatch):
  monkeypatch.setattr(module, "FEATURES", WIDTH)


def real(images=IMAGES, subjects=SUBJECTS, fingerprint="abc"):
  faces = Faces(images, np.full(len(images), -1, np.int32), subjects, ())
  return RealImages("train", "faces/train", fingerprint, len(images), lambda: faces)


def open_reference(root, extractor=None, **changed):
  return Reference(real(**changed), root, extractor or FakeExtractor(WIDTH))


def nearest_by_hand(queries, keys, allowed):
  queries, keys = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (queries, keys))
  distances = np.linalg.norm(queries[:, None] - keys, axis=-1)
  return np.where(allowed, distances, np.inf).min(axis=1)


def test_opening_reads_and_computes_nothing(tmp_path):
  def broken():
    raise AssertionError("read")

  unread = RealImages("train", "faces/train", "abc", 12, broken)
  opened = Reference(unread, tmp_path, BrokenExtractor(WIDTH))
  assert (opened.label, opened.description) == ("train", "faces/train")
  assert (opened.fingerprint, opened.num_images) == ("abc", 12)


def test_features_are_computed_once_for_all_evaluations(tmp_path):
  extractor = FakeExtractor(WIDTH)
  first = open_reference(tmp_path, extractor)
  (expected,) = FakeExtractor(WIDTH).batches([IMAGES])
  np.testing.assert_array_equal(first.features, expected)
  np.testing.assert_array_equal(first.features, expected)
  assert extractor.images_seen == 12
  again = open_reference(tmp_path, BrokenExtractor(WIDTH))
  np.testing.assert_array_equal(again.features, expected)


def test_features_interrupted_go_on_where_they_were(tmp_path, monkeypatch):
  class Interrupted(FakeExtractor):
    def batches(self, images):
      for number, batch in enumerate(super().batches(images)):
        if number == 2:
          raise KeyboardInterrupt
        yield batch

  monkeypatch.setattr(module, "_READ_AT_ONCE", 5)
  with pytest.raises(KeyboardInterrupt):
    _ = open_reference(tmp_path, Interrupted(WIDTH)).features
  extractor = FakeExtractor(WIDTH)
  features = open_reference(tmp_path, extractor).features
  assert extractor.images_seen == 2  # 5 and 5 of the 12 were done
  np.testing.assert_allclose(features, next(FakeExtractor(WIDTH).batches([IMAGES])), atol=1e-5)


def test_features_of_a_class_are_taken_from_those_of_its_set_where_they_are(tmp_path):
  labels = np.array([0, 1] * 6, np.int32)
  faces = Faces(IMAGES, labels, SUBJECTS, ("angry", "happy"))
  whole = RealImages("train", "faces/train", "abc", 12, lambda: faces, faces.class_names)
  happy = only(whole, "happy")
  (expected,) = FakeExtractor(WIDTH).batches([IMAGES])
  _ = Reference(whole, tmp_path, FakeExtractor(WIDTH)).features
  features = Reference(happy, tmp_path, BrokenExtractor(WIDTH)).features
  np.testing.assert_array_equal(features, expected[1::2])
  # Another network's are not.
  extractor = FakeExtractor(WIDTH, sha256="other")
  _ = Reference(happy, tmp_path, extractor).features
  assert extractor.images_seen == 6


@pytest.mark.parametrize("changed", [{"sha256": "other"}, {"resize": "pytorch"}])
def test_other_weights_or_another_resize_share_no_features(tmp_path, changed):
  _ = open_reference(tmp_path).features
  extractor = FakeExtractor(WIDTH)
  for name, value in changed.items():
    setattr(extractor, name, value)
  _ = open_reference(tmp_path, extractor).features
  assert extractor.images_seen == 12


def test_the_features_key_is_images_weights_and_resize_alone(tmp_path):
  # Hours of features lie in caches under this key: the same images need them no second time.
  _ = open_reference(tmp_path).features
  text = json.dumps(
    {"format": "1", "images": "abc", "resize": "tensorflow", "weights": "fake"}, indent=2
  )
  folder = tmp_path / hashlib.sha256(text.encode()).hexdigest()[:24]
  assert (folder / "features.npy").exists()


def test_other_images_share_no_features(tmp_path):
  _ = open_reference(tmp_path).features
  extractor = FakeExtractor(WIDTH)
  features = open_reference(tmp_path, extractor, images=IMAGES[::-1], fingerprint="def").features
  assert extractor.images_seen == 12
  np.testing.assert_allclose(features[::-1], open_reference(tmp_path).features, atol=1e-5)


def test_the_gaussian_is_that_of_all_features_and_is_kept(tmp_path):
  first = open_reference(tmp_path)
  features = np.asarray(first.features, np.float64)
  for reference in (first, open_reference(tmp_path, BrokenExtractor(WIDTH))):
    mean, factor = reference.gaussian
    np.testing.assert_allclose(mean, features.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(factor.T @ factor, np.cov(features.T), rtol=1e-5)


def test_a_gaussian_half_of_which_is_kept_is_made_whole(tmp_path):
  expected = open_reference(tmp_path).gaussian
  (factor,) = tmp_path.glob("*/factor.npy")
  factor.unlink()
  again = open_reference(tmp_path, BrokenExtractor(WIDTH)).gaussian
  np.testing.assert_array_equal(again.factor, expected.factor)


def test_a_result_of_the_features_is_kept(tmp_path):
  assert open_reference(tmp_path).kept("floor", lambda: {"fid": 2.0}) == {"fid": 2.0}
  assert open_reference(tmp_path).kept("floor", dict) == {"fid": 2.0}


def test_pixels_are_the_images_as_rows(tmp_path):
  np.testing.assert_array_equal(open_reference(tmp_path).pixels, IMAGES.reshape(12, 30))


def test_without_weights_there_are_pixels_and_no_features(tmp_path):
  reference = Reference(real(), tmp_path, None)
  assert reference.vectors("pixels").shape == (12, 30)
  assert reference.held_out_distances("pixels", None).shape == (12,)


def test_without_a_test_split_every_image_is_held_out_from_other_people_s(tmp_path):
  other_person = np.array(SUBJECTS)[:, None] != np.array(SUBJECTS)
  reference = open_reference(tmp_path)
  for space, vectors in (("pixels", IMAGES), ("inception", reference.features)):
    expected = nearest_by_hand(vectors, vectors, other_person)
    np.testing.assert_allclose(reference.held_out_distances(space, None), expected, rtol=1e-5)


def test_where_nobody_is_known_every_image_is_held_out_from_all_others(tmp_path):
  reference = open_reference(tmp_path, subjects=("",) * 12)
  expected = nearest_by_hand(IMAGES, IMAGES, ~np.eye(12, dtype=bool))
  np.testing.assert_allclose(reference.held_out_distances("pixels", None), expected)


def test_the_test_split_is_what_is_held_out_where_there_is_one(tmp_path):
  train = open_reference(tmp_path, images=IMAGES[:8], subjects=SUBJECTS[:8], fingerprint="train")
  test = open_reference(tmp_path, images=IMAGES[8:], subjects=SUBJECTS[8:], fingerprint="test")
  expected = nearest_by_hand(IMAGES[8:], IMAGES[:8], True)
  np.testing.assert_allclose(train.held_out_distances("pixels", test), expected)


def test_the_same_images_of_other_people_have_distances_of_their_own(tmp_path):
  for subjects in (SUBJECTS, SUBJECTS[::-1], tuple(f"S{i % 4}" for i in range(12))):
    other_person = np.array(subjects)[:, None] != np.array(subjects)
    reference = open_reference(tmp_path, subjects=subjects)
    expected = nearest_by_hand(IMAGES, IMAGES, other_person)
    np.testing.assert_allclose(reference.held_out_distances("pixels", None), expected)


def test_the_hash_of_subjects_knows_their_order_and_their_borders(tmp_path):
  people = (("ab", "c"), ("a", "bc"), ("c", "ab"), ("", ""), ("", "", ""))
  opened = [open_reference(tmp_path, images=IMAGES[: len(p)], subjects=p) for p in people]
  assert len({reference.subjects_hash for reference in opened}) == len(people)
  again = open_reference(tmp_path, images=IMAGES[:2], subjects=("ab", "c"))
  assert again.subjects_hash == opened[0].subjects_hash


def test_held_out_distances_are_kept_for_each_way_of_holding_out(tmp_path, monkeypatch):
  test = open_reference(tmp_path, images=IMAGES[8:], subjects=SUBJECTS[8:], fingerprint="test")
  reference = open_reference(tmp_path)
  kept = [reference.held_out_distances("inception", held_out) for held_out in (None, test)]
  assert [len(distances) for distances in kept] == [12, 4]

  def broken(*_):
    raise AssertionError("computed again")

  monkeypatch.setattr(module, "leave_group_out_distances", broken)
  monkeypatch.setattr(module, "held_out_distances", broken)
  again = open_reference(tmp_path, BrokenExtractor(WIDTH))
  for held_out, expected in zip((None, test), kept, strict=True):
    np.testing.assert_array_equal(again.held_out_distances("inception", held_out), expected)
