import dataclasses

import numpy as np
import pytest

from dcgan_jax.averages import DivergedError
from dcgan_jax.classification.classifier import Classifier, TrainingSet
from dcgan_jax.evaluation import expression
from dcgan_jax.evaluation.expression import cas_score, expression_scores
from dcgan_jax.evaluation.real_images import Faces, RealImages
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.samples import Samples

SHAPE = (2, 2, 1)
NAMES = ("angry", "happy", "sad")


class Reader(Classifier):
  """A classifier that reads the class off the first pixel."""

  def probabilities(self, images):
    return np.eye(len(self.class_names), dtype=np.float32)[images[:, 0, 0, 0]]


def reader(names=NAMES, shape=SHAPE):
  # Of real images it knows 1 of 2, 3 of 4 and 0 of 4.
  confusion = np.array([[1, 1, 0], [1, 3, 0], [2, 2, 0]])
  learnt = TrainingSet("faces", "f-train", 2)
  return Reader(None, None, names, shape, learnt, "s", confusion, "faces/test without 3 copies")


def faces(shown):
  return np.uint8(shown)[:, None, None, None] * np.ones((1, *SHAPE), np.uint8)


def samples(shown, asked, names=NAMES):
  return Samples("a run", faces(shown), np.int32(asked), names, None)


def test_accuracy_is_the_share_that_is_recognised_as_asked_and_balanced_over_classes():
  # Asked: 4 angry, 3 recognised; 2 happy, 1 recognised; 0 sad. 4 of 6, and (3/4 + 1/2) / 2.
  overall, balanced = expression_scores(
    samples(shown=[0, 0, 0, 2, 1, 0], asked=[0, 0, 0, 0, 1, 1]), reader()
  )
  assert overall.metric == "expression_accuracy6"
  assert overall.value == pytest.approx(4 / 6)
  assert overall.error == pytest.approx(np.sqrt(4 / 6 * 2 / 6 / 6))
  assert overall.details["confusion"] == [[3, 0, 1], [1, 1, 0], [0, 0, 0]]
  assert overall.picture.dtype == np.uint8
  assert balanced.metric == "expression_balanced6"
  assert balanced.value == pytest.approx((3 / 4 + 1 / 2) / 2)
  # (1/2 + 3/4) / 2; a guess is one of three whatever was asked for.
  assert balanced.note == "real images: 0.625; chance 0.333; angry 75%, happy 50%"


def test_beside_the_accuracy_stands_that_of_real_images_and_what_the_classifier_has_learnt():
  # Nobody asked for sad: of real angry and happy images it knows 4 of 6.
  overall, _ = expression_scores(samples(shown=[0, 1], asked=[0, 1]), reader())
  assert overall.note == (
    "real images: 0.667 (6 of faces/test without 3 copies); classifier of faces/train, 2 images"
  )


@pytest.mark.parametrize(("sha256", "which"), [("s", "this"), ("t", "another")])
def test_a_generator_that_learnt_from_a_classifier_is_said_to_have(sha256, which):
  taught = dataclasses.replace(samples(shown=[0, 1], asked=[0, 1]), taught_by=sha256)
  overall, _ = expression_scores(taught, reader())
  end = f"; the generator was trained against {which} classifier's features"
  assert overall.note.endswith(end)


def test_without_real_images_of_what_was_asked_for_there_is_no_rate_of_them():
  nothing = dataclasses.replace(reader(), held_out_confusion=np.diag([0, 0, 5]))
  overall, balanced = expression_scores(samples(shown=[0, 1], asked=[0, 1]), nothing)
  assert overall.note.startswith("real images: 0 of faces/test without 3 copies; classifier")
  assert balanced.note == "chance 0.333; angry 100%, happy 100%"


def test_classes_are_matched_by_name():
  # The samples' happy is 0, the classifier's 1: a face that shows 1 is recognised.
  overall, _ = expression_scores(samples([1, 1, 0], [0, 0, 1], ("happy", "angry")), reader())
  assert overall.value == 1.0


@pytest.mark.parametrize(
  ("given", "note"),
  [
    (samples([0], [-1], ()), "the samples have no classes"),
    (samples([0, 1], [0, -1]), "the samples have no classes"),
    (samples([0], [0], ("bored", "happy")), "knows no bored"),
  ],
)
def test_samples_that_cannot_be_judged_have_no_value_but_a_reason(cas, given, note):
  for score in (*expression_scores(given, reader()), cas(given)):
    assert score.value is None
    assert note in score.note


def test_a_classifier_of_other_images_judges_none():
  (score,) = expression_scores(samples([0], [0]), reader(shape=(4, 4, 1)))
  assert "is for images of (4, 4, 1)" in score.note


# The real sets have the same classes in another order: their label 0 is the samples' 1.
REAL_NAMES = ("happy", "angry", "sad")
# The third image is a copy of a training image; the last has no class.
HELD_OUT = ([1, 1, 7, 0, 2, 0], [0, 0, 0, 0, 2, -1])
# Samples of every class, as many as a classifier is trained on.
ENOUGH = ([0] * 1000, [0, 1, 2, *[0] * 997])


@pytest.fixture
def real(tmp_path):
  """`(split, shown, labels) -> Reference` to images of faces/SPLIT, its fingerprint is f-SPLIT."""

  def reference(split, shown, labels, names=REAL_NAMES):
    there = Faces(faces(shown), np.int32(labels), ("",) * len(shown), names)
    known = RealImages(split, f"faces/{split}", f"f-{split}", len(shown), lambda: there)
    return Reference(known, tmp_path, None)

  return reference


@pytest.fixture
def cas(real, monkeypatch):
  """`(samples, …) -> score`; the classifier that it trains is a reader too, for 7 is no class."""
  trained_on = []

  def train(images, labels, names, *, seed):
    trained_on.append((images, labels, names, seed))
    return reader(names)

  def score(given, held_out=HELD_OUT, names=REAL_NAMES, training=(7, 5), classifier=None):
    test, learnt = real("test", *held_out, names), real("train", training, [0] * len(training))
    return cas_score(given, test, learnt, classifier or reader(), seed=3)

  monkeypatch.setattr(expression, "train_classifier", train)
  score.trained_on = trained_on
  return score


def test_cas_trains_on_samples_and_is_the_share_of_real_images_recognised(cas):
  given = samples(*ENOUGH)
  score = cas(given)
  assert cas.trained_on == [(given.images, given.labels, NAMES, 3)]
  # Without the copy two of three happy ones are seen as happy, the sad one as sad.
  assert (score.metric, score.value) == ("cas1k_test", 3 / 4)
  assert score.error == pytest.approx(np.sqrt(3 / 4 / 4 / 4))


def test_cas_says_how_many_images_each_classifier_had_and_how_many_copies_are_left_out(cas):
  # It is the same reader, so it recognises the same 3 of 4.
  assert cas(samples(*ENOUGH)).note == (
    "trained on 1,000 samples; trained on 2 real images: 0.750, which is not like for like; "
    "4 of faces/test without 1 copy of training images"
  )


def test_as_many_samples_as_training_images_are_like_for_like(cas):
  note = cas(samples(*ENOUGH), training=[7] * 1000).note
  assert "trained on 1,000 samples; trained on 1,000 real images: 0.750; 4 of" in note


def test_cas_needs_a_classifier_of_the_generators_training_images(cas):
  other = dataclasses.replace(reader(), trained_on=TrainingSet("other", "f-other", 30))
  score = cas(samples(*ENOUGH), classifier=other)
  assert (score.metric, score.value) == ("cas1k_test", None)
  assert score.note == "needs a classifier of faces/train; this one is of other/train, 30 images"


def test_cas_needs_an_image_that_is_no_copy(cas):
  score = cas(samples(*ENOUGH), held_out=([7, 0], [0, -1]))
  assert score.value is None
  assert score.note == "no labelled image in faces/test without 1 copy of training images"


def test_cas_needs_samples_of_every_class(cas):
  score = cas(samples([0] * 1000, [1] * 1000))
  assert (score.value, score.note) == (None, "no sample of angry, sad")


def test_a_training_that_fails_is_a_note(cas, monkeypatch):
  def diverge(*_, **__):
    raise DivergedError("loss stopped being finite between steps 0 and 8.")

  monkeypatch.setattr(expression, "train_classifier", diverge)
  score = cas(samples(*ENOUGH))
  assert score.value is None
  assert score.note == (
    "the classifier's training diverged: loss stopped being finite between steps 0 and 8."
  )


def test_cas_of_a_few_samples_is_refused(cas):
  assert cas(samples([0] * 3, [0, 1, 2])).note == "needs 1,000 samples"


def test_cas_needs_real_images_of_the_same_classes(cas):
  assert "other classes" in cas(samples([0], [0]), names=("angry", "happy")).note
