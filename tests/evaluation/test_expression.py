import numpy as np
import pytest

from dcgan_jax.averages import DivergedError
from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.evaluation import expression
from dcgan_jax.evaluation.expression import cas_score, expression_scores
from dcgan_jax.evaluation.real_images import Faces
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
  return Reader(None, None, names, shape, "f", "s", accuracy=0.4, held_out_confusion=confusion)


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
  # Nobody asked for sad: of real angry and happy images it knows 4 of 6.
  assert overall.note == "real images: 0.667"
  assert overall.details["confusion"] == [[3, 0, 1], [1, 1, 0], [0, 0, 0]]
  assert overall.picture.dtype == np.uint8
  assert balanced.metric == "expression_balanced6"
  assert balanced.value == pytest.approx((3 / 4 + 1 / 2) / 2)
  # (1/2 + 3/4) / 2; a guess is one of three whatever was asked for.
  assert balanced.note == "real images: 0.625; chance 0.333; angry 75%, happy 50%"


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
def test_samples_that_cannot_be_judged_have_no_value_but_a_reason(given, note):
  for score in (*expression_scores(given, reader()), cas_score(given, None, reader(), seed=0)):
    assert score.value is None
    assert note in score.note


def test_a_classifier_of_other_images_judges_none():
  (score,) = expression_scores(samples([0], [0]), reader(shape=(4, 4, 1)))
  assert "is for images of (4, 4, 1)" in score.note


def test_cas_trains_on_samples_and_is_the_share_of_real_images_recognised(monkeypatch):
  trained_on = []

  def train(images, labels, names, *, seed):
    trained_on.append((images, labels, names, seed))
    return reader(names)

  monkeypatch.setattr(expression, "train_classifier", train)
  # The real set has the same classes in another order: its label 0 is the samples' 1.
  # The last image has no class, and counts nothing.
  names = ("happy", "angry", "sad")
  real = Faces(faces([1, 1, 0, 2, 0]), np.int32([0, 0, 0, 2, -1]), ("",) * 5, names)
  given = samples([0] * 1000, [0, 1, 2, *[0] * 997])
  score = cas_score(given, real, reader(), seed=3)
  assert trained_on == [(given.images, given.labels, NAMES, 3)]
  # Two of three happy ones are seen as happy, the sad one as sad.
  assert (score.metric, score.value) == ("cas1k", 3 / 4)
  assert score.note == "of 4 real images; trained on real ones: 0.750"  # it is the same reader


def test_cas_needs_samples_of_every_class():
  real = Faces(faces([0]), np.int32([0]), ("",), NAMES)
  score = cas_score(samples([0] * 1000, [1] * 1000), real, reader(), seed=0)
  assert (score.value, score.note) == (None, "no sample of angry, sad")


def test_a_training_that_fails_is_a_note(monkeypatch):
  def diverge(*_, **__):
    raise DivergedError("loss stopped being finite between steps 0 and 8.")

  monkeypatch.setattr(expression, "train_classifier", diverge)
  real = Faces(faces([0]), np.int32([0]), ("",), NAMES)
  score = cas_score(samples([0] * 1000, [0, 1, 2, *[0] * 997]), real, reader(), seed=0)
  assert score.value is None
  assert score.note == (
    "the classifier's training diverged: loss stopped being finite between steps 0 and 8."
  )


def test_cas_of_a_few_samples_is_refused():
  real = Faces(faces([0]), np.int32([0]), ("",), NAMES)
  given = samples([0] * 3, [0, 1, 2])
  assert cas_score(given, real, reader(), seed=0).note == "needs 1,000 samples"


def test_cas_needs_real_images_of_the_same_classes():
  real = Faces(faces([0]), np.int32([0]), ("",), ("angry", "happy"))
  assert "other classes" in cas_score(samples([0], [0]), real, reader(), seed=0).note
