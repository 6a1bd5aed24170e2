import numpy as np
import pytest
from fake_extractor import FakeExtractor

from dcgan_jax.evaluation import per_class
from dcgan_jax.evaluation.per_class import FID_IMAGES, KID_IMAGES, class_scores
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.metrics.frechet import frechet_distance

WIDTH = 4


@pytest.fixture
def _few_needed(monkeypatch):
  monkeypatch.setattr(per_class, "FID_IMAGES", 30)
  monkeypatch.setattr(per_class, "KID_IMAGES", 10)


def samples_of(counts, names, seed=0):
  """So many samples of each class, in the order of their names."""
  images = np.random.default_rng(seed).integers(0, 256, (sum(counts), 4, 4, 1), dtype=np.uint8)
  labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
  return Samples("a model", images, labels, names, FakeExtractor(WIDTH))


def real_of(counts, seed=1):
  """Features and labels of so many real images of each class; classes lie 10 apart."""
  labels = np.repeat(np.arange(len(counts)), counts)
  noise = np.random.default_rng(seed).normal(size=(len(labels), WIDTH))
  return (noise + 10 * labels[:, None]).astype(np.float32), labels


def scores_of(samples, real, names, seed=0):
  scores = class_scores(samples, *real, names, seed, lambda metric, num: f"{metric}_train")
  return {one.metric: one for one in scores}


def test_fid_needs_as_many_images_as_there_are_features():
  assert FID_IMAGES == 2048


def test_too_small_classes_are_refused_with_both_numbers():
  scores = scores_of(samples_of([50, 150], ("cat", "dog")), real_of([2100, 99]), ("cat", "dog"))
  assert all(one.value is None for one in scores.values())
  assert scores["fid_train/cat"].note == "50 samples, 2,100 real: FID needs 2,048 of each"
  assert scores["kid_train/cat"].note == f"50 samples, 2,100 real: KID needs {KID_IMAGES} of each"
  assert scores["kid_train/dog"].note == "150 samples, 99 real: KID needs 100 of each"


@pytest.mark.usefixtures("_few_needed")
def test_each_class_is_scored_against_the_same_class():
  samples, (features, labels) = samples_of([30, 40], ("cat", "dog")), real_of([35, 45])
  scores = scores_of(samples, (features, labels), ("cat", "dog"))
  assert list(scores) == ["fid_train/cat", "kid_train/cat", "fid_train/dog", "kid_train/dog"]
  fid = frechet_distance(samples.features[30:], features[labels == 1])
  assert scores["fid_train/dog"].value == pytest.approx(fid)
  assert scores["fid_train/dog"].num == 40
  assert scores["fid_train/dog"].note == "40 samples, 45 real"
  assert scores["kid_train/dog"].error > 0
  assert scores["kid_train/dog"].note == "40 samples, 45 real, 100 subsets of 20"


@pytest.mark.usefixtures("_few_needed")
def test_the_least_number_that_is_asked_for_is_enough():
  scores = scores_of(samples_of([30, 29], ("cat", "dog")), real_of([30, 99]), ("cat", "dog"))
  assert scores["fid_train/cat"].value is not None
  assert scores["fid_train/dog"].value is None
  assert scores["kid_train/dog"].value is not None


@pytest.mark.usefixtures("_few_needed")
def test_classes_are_matched_by_name_and_not_by_number():
  real = real_of([40, 40])
  usual = samples_of([40, 40], ("cat", "dog"))
  exchanged = Samples("", usual.images, 1 - usual.labels, ("dog", "cat"), usual.extractor)
  assert scores_of(exchanged, real, ("cat", "dog")) == scores_of(usual, real, ("cat", "dog"))


def test_a_class_without_samples_is_refused():
  scores = scores_of(samples_of([200], ("cat",)), real_of([50, 200]), ("cat", "dog"))
  assert scores["kid_train/dog"].note == "0 samples, 200 real: KID needs 100 of each"


def test_a_class_that_only_samples_have_is_left_out():
  scores = scores_of(samples_of([9, 9], ("bird", "cat")), real_of([9]), ("cat",))
  assert list(scores) == ["fid_train/cat", "kid_train/cat"]


@pytest.mark.usefixtures("_few_needed")
def test_unlabelled_images_belong_to_no_class():
  samples, (features, labels) = samples_of([40], ("cat",)), real_of([40])
  samples.labels[:5], labels = -1, np.where(np.arange(40) < 8, -1, labels)
  scores = scores_of(samples, (features, labels), ("cat",))
  assert scores["kid_train/cat"].note.startswith("35 samples, 32 real")


@pytest.mark.parametrize(
  ("mine", "theirs", "whose"), [((), ("cat",), "samples"), (("cat",), (), "reference")]
)
def test_without_classes_there_is_one_refusal(mine, theirs, whose):
  scores = scores_of(samples_of([5], mine), real_of([5]), theirs)
  (one,) = scores.values()
  assert (one.metric, one.value, one.note) == ("per_class", None, f"the {whose} have no classes")


@pytest.mark.usefixtures("_few_needed")
def test_a_seed_is_reproducible():
  real = real_of([40])
  first, again, other = (
    scores_of(samples_of([40], ("cat",)), real, ("cat",), seed)["kid_train/cat"].value
    for seed in (0, 0, 1)
  )
  assert first == again != other
