import dataclasses

import numpy as np
import pytest
from compared import TEST, TRAIN, WIDTH, compare, draw, real, samples_of, with_reference

from dcgan_jax.evaluation import reference as reference_module
from dcgan_jax.evaluation.protocol import METRICS, PER_CLASS
from dcgan_jax.evaluation.scoring import score
from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.frechet import frechet_distance
from dcgan_jax.metrics.kernel import kernel_distance


@pytest.fixture(autouse=True)
def _few_features(monkeypatch):
  monkeypatch.setattr(reference_module, "FEATURES", WIDTH)


def names(scores):
  return [one.metric for one in scores]


def test_fid_is_that_of_the_features_with_its_floors(comparison):
  samples = samples_of(draw(50, 3))
  fid, infinity = score("fid", samples, comparison)
  assert fid.metric == "fid50_train"
  expected = frechet_distance(samples.features, comparison.reference.features)
  assert fid.value == pytest.approx(expected)
  kinds = [floor["kind"] for floor in fid.details["floors"]]
  assert kinds == ["subjects", "disjoint", "copier", "held out"]
  assert (infinity.metric, infinity.value) == ("fid_infinity50_train", None)
  assert infinity.note == "needs 5,000 samples"


def test_samples_no_better_than_photographs_are_not_suspected(comparison):
  # Darker by half: far from every photograph here.
  fid, _ = score("fid", samples_of(draw(50, 3) // 2), comparison)
  assert fid.note == ""


def test_copies_of_the_training_set_are_too_good(comparison):
  fid, _ = score("fid", samples_of(TRAIN), comparison)
  assert fid.value == pytest.approx(0, abs=1e-6)
  assert fid.note.startswith("Too good: 0 is below")
  assert "photographs of other people" in fid.note
  assert "a plain copier of the training set scores" in fid.note


def test_against_statistics_alone_fid_has_no_floor(comparison):
  known = comparison.reference.gaussian
  alone = dataclasses.replace(comparison, label="stats", reference=None, gaussian=lambda: known)
  (fid, _), (expected, _) = (score("fid", samples_of(TRAIN), c) for c in (alone, comparison))
  assert fid.metric == "fid120_stats"
  assert fid.value == expected.value
  assert fid.details == {"floors": []}
  assert fid.note == ""


def test_enough_samples_are_extrapolated_to_infinitely_many(comparison):
  samples = samples_of(draw(5000, 3))
  fid, infinity = score("fid", samples, comparison)
  assert names([fid, infinity]) == ["fid5k_train", "fid_infinity5k_train"]
  # 5,000 samples of 8 features have next to no bias: the limit is the same but for its error.
  assert infinity.value == pytest.approx(fid.value, abs=4 * infinity.error)
  assert max(infinity.details["sizes"]) == 5000


def test_pytorch_fid_s_convention_is_in_every_name_of_its_features(comparison):
  other = dataclasses.replace(comparison, resize=Resize.PYTORCH)
  samples = samples_of(draw(20, 3))
  for metric, name in (("fid", "fid_pytorch20_train"), ("is", "is_pytorch20")):
    assert score(metric, samples, other)[0].metric == name


def test_kid_tells_its_error_and_subsets(comparison):
  samples = samples_of(draw(50, 3))
  (kid,) = score("kid", samples, comparison)
  reference = comparison.reference.features
  expected = kernel_distance(samples.features, reference, rng=np.random.default_rng(0))
  assert (kid.metric, kid.value, kid.error) == (
    "kid50_train",
    expected.value,
    expected.standard_error,
  )
  # Half of the smaller set, which is the samples.
  assert kid.note == "100 subsets of 25"


def test_the_inception_score_tells_its_splits(comparison):
  (result,) = score("is", samples_of(draw(50, 3)), comparison)
  assert result.metric == "is50"
  assert 1 <= result.value <= 3  # of 3 classes
  assert result.note == "± deviation over 10 splits"


def test_one_answer_for_all_samples_has_inception_score_1(comparison):
  (result,) = score("is", samples_of(np.full((20, 8, 8, 1), 9, np.uint8)), comparison)
  assert (result.value, result.error) == pytest.approx((1, 0), abs=1e-6)


def test_precision_and_recall_come_with_density_and_coverage(comparison):
  scores = score("prdc", samples_of(TRAIN), comparison)
  kinds = ("precision", "recall", "density", "coverage")
  assert names(scores) == [f"{name}120_train" for name in kinds]
  precision, recall, _, coverage = (one.value for one in scores)
  # Every copy lies within reach of its original, and every original has one.
  assert precision == recall == coverage == 1
  assert scores[0].note == "120 samples, 120 real"


def test_precision_and_recall_take_so_many_at_most(comparison, monkeypatch):
  monkeypatch.setattr("dcgan_jax.evaluation.scoring._PRDC_IMAGES", 30)
  scores = score("prdc", samples_of(draw(50, 3)), comparison)
  assert scores[0].metric == "precision30_train"
  assert scores[0].note == "30 samples, 30 real"


def test_memorization_of_copies_is_0_in_both_spaces(comparison):
  scores = score("memorization", samples_of(TRAIN), comparison)
  assert names(scores) == ["memorization_inception120_train", "memorization_pixels120_train"]
  for one in scores:
    assert one.value == 0
    assert one.details["share_closer"] == 1
    assert one.note.startswith("100.0% of samples")
    assert one.picture.dtype == np.uint8


def test_fresh_images_of_the_same_kind_have_memorization_1(comparison):
  _, pixels = score("memorization", samples_of(draw(300, 3)), comparison)
  assert pixels.value == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
  ("held_out", "kind"), [(True, "faces/test"), (False, "training images of")]
)
def test_what_was_held_out_is_told(tmp_path, held_out, kind):
  _, pixels = score("memorization", samples_of(TRAIN), compare(tmp_path, held_out=held_out))
  assert pixels.details["held_out"].startswith(kind)


def test_nobody_known_is_leave_one_out(comparison, tmp_path):
  nobody = real(tmp_path, draw(20, 5), "nobody")
  alone = dataclasses.replace(comparison, train=nobody, held_out=None)
  _, pixels = score("memorization", samples_of(TRAIN), alone)
  assert pixels.details["held_out"] == "leave one out"


def test_without_weights_memorization_is_measured_in_pixels_only(tmp_path):
  comparison = compare(tmp_path, extractor=None)
  scores = score("memorization", samples_of(TRAIN, extractor=None), comparison)
  assert names(scores) == ["memorization_pixels120_train"]


def test_sliced_wasserstein_needs_no_weights(tmp_path):
  comparison = compare(tmp_path, extractor=None)
  (swd,) = score("swd", samples_of(TRAIN, extractor=None), comparison)
  assert (swd.metric, swd.value) == ("swd120_train", 0)
  assert swd.note == "8 px 0.0"


def test_sliced_wasserstein_takes_as_many_samples_as_there_are_real_images(comparison, tmp_path):
  against = with_reference(comparison, real(tmp_path, TEST, "few"))
  images = draw(50, 3)
  many, equal = (score("swd", samples_of(some), against) for some in (images, images[:40]))
  assert many == equal
  assert equal[0].metric == "swd40_train"


@pytest.mark.parametrize("metric", ["swd", "memorization"])
def test_pixels_of_another_size_are_not_compared(comparison, metric):
  (one,) = score(metric, samples_of(draw(10, 3, side=9)), comparison)
  assert one.value is None
  assert one.note == "images of (9, 9, 1) and (8, 8, 1) cannot be compared"


def test_classes_are_scored_each_by_itself(comparison, tmp_path):
  reference = real(tmp_path, TRAIN, "classes", class_names=("cat", "dog"))
  labels = np.arange(120, dtype=np.int32) % 2
  samples = samples_of(TRAIN, labels=labels, class_names=("cat", "dog"))
  scores = score("per_class", samples, with_reference(comparison, reference))
  wanted = ["fid60_train/cat", "kid60_train/cat", "fid60_train/dog", "kid60_train/dog"]
  assert names(scores) == wanted


def test_without_classes_the_reference_s_features_are_not_needed(comparison, tmp_path):
  (one,) = score(
    "per_class", samples_of(TRAIN), with_reference(comparison, real(tmp_path, TEST, "t"))
  )
  assert one.note == "the samples have no classes"
  assert list(tmp_path.rglob("features.npy")) == []


@pytest.mark.parametrize("metric", [*METRICS, PER_CLASS])
@pytest.mark.parametrize("num", [1, 2, 3, 5])
def test_too_few_samples_are_a_note_and_no_exception(comparison, metric, num):
  for one in score(metric, samples_of(draw(num, 3)), comparison):
    assert one.value is not None or one.note
    assert one.value is None or np.isfinite(one.value)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("num", [1, 2, 3, 5])
def test_too_few_real_images_are_a_note_and_no_exception(comparison, tmp_path, metric, num):
  few = real(tmp_path, draw(num, 6), "few")
  for one in score(metric, samples_of(draw(20, 3)), with_reference(comparison, few)):
    assert one.value is not None or one.note
    assert one.value is None or np.isfinite(one.value)


def test_fid_has_a_value_from_two_samples_on(comparison):
  one, two = (score("fid", samples_of(draw(num, 3)), comparison)[0] for num in (1, 2))
  assert (one.value, one.note) == (None, "needs at least 2 images on both sides")
  assert two.value > 0


@pytest.mark.parametrize("metric", METRICS)
def test_a_seed_is_reproducible(tmp_path, metric):
  first, again = (
    score(metric, samples_of(draw(50, 3)), compare(tmp_path / str(i))) for i in range(2)
  )
  assert first == again


@pytest.mark.parametrize("metric", ["kid", "is", "swd"])
def test_another_seed_chooses_otherwise(tmp_path, metric):
  images = draw(50, 3)
  first, other = (score(metric, samples_of(images), compare(tmp_path, seed=i)) for i in range(2))
  assert first[0].value != other[0].value


def test_the_samples_features_are_computed_once_for_all_metrics(comparison):
  samples = samples_of(draw(50, 3))
  for metric in METRICS:
    score(metric, samples, comparison)
  assert samples.extractor.images_seen == 50


def test_fid_with_an_unknown_training_set_has_the_floor_alone(comparison):
  unknown = dataclasses.replace(comparison, train=None, held_out=None)
  fid, _ = score("fid", samples_of(TRAIN), unknown)
  assert [floor["kind"] for floor in fid.details["floors"]] == ["subjects", "disjoint"]
  assert fid.note.startswith("Too good")
