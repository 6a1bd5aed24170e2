"""Did we get the expression? Two questions, both answered by classifiers.

Is the expression that was asked for recognised, by a classifier trained on real images? And are
real images recognised by a classifier trained on the samples alone: the classification accuracy
score (Ravuri and Vinyals 2019), which falls where samples are unlike their class or all alike?

Beside both stands what a classifier trained on real images makes of real images. Those are held
out, and exact copies of what it has learnt are left out: they would test its memory.
"""

import math

import numpy as np

from dcgan_jax.averages import DivergedError
from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.classification.confusion import (
  accuracy,
  balanced_accuracy,
  confusion_matrix,
  recall,
)
from dcgan_jax.classification.confusion_picture import confusion_picture
from dcgan_jax.classification.training import train_classifier
from dcgan_jax.data.copies import occurs_in, without_copies
from dcgan_jax.evaluation.protocol import CAS, EXPRESSION, Score, metric_name
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.samples import Samples

# Fewer samples than this teach a classifier little.
_CAS_SAMPLES = 1000


def expression_scores(samples: Samples, classifier: Classifier) -> list[Score]:
  """How often a classifier of real images recognises the expression that was asked for.

  Args:
    samples: with labels.
    classifier: trained on real images, of the same classes by name.

  Returns:
    expression_accuracy981, and expression_balanced981: the mean over the classes, for which chance
    is 1 / classes however often each was asked for. Their notes say which set the classifier was
    trained on, whether the generator learnt from a classifier's features, and the same of real
    images of the classes asked for. One score without a value where the samples have no classes,
    or others.
  """
  if note := _unfit(samples, classifier):
    return [Score(EXPRESSION, None, len(samples), note=note)]
  matrix = _recognised(samples.images, samples.labels, samples.class_names, classifier)
  names, num = classifier.class_names, len(samples)
  rates = {
    name: float(rate) for name, rate in zip(names, recall(matrix), strict=True) if rate == rate
  }
  value, balanced = accuracy(matrix), balanced_accuracy(matrix)
  details = {"confusion": matrix.tolist(), "class_names": list(names), "recognised": rates}
  picture = confusion_picture(
    matrix, names, f"{samples.description}\n{value:.1%} of {num:,} recognised as asked"
  )
  by_class = ", ".join(f"{name} {rate:.0%}" for name, rate in rates.items())
  on_real, real_balanced = _on_real(classifier, [names.index(name) for name in rates])
  error = math.sqrt(value * (1 - value) / num)
  note = f"{on_real}classifier of {_learnt(classifier)}"
  if samples.taught_by:
    which = "this" if samples.taught_by == classifier.sha256 else "another"
    note += f"; the generator was trained against {which} classifier's features"
  return [
    Score(metric_name("expression_accuracy", num), value, num, error, note, details, picture),
    Score(
      metric_name("expression_balanced", num),
      balanced,
      num,
      note=f"{real_balanced}chance {1 / len(names):.3f}; {by_class}",
    ),
  ]


def cas_score(
  samples: Samples, held_out: Reference, train: Reference, classifier: Classifier, seed: int
) -> Score:
  """Trains a classifier on the samples alone, and scores it on real images.

  Ravuri and Vinyals 2019 train on as many samples as there are training images. With another
  number the rate of the classifier of real images is no yardstick: the note gives both numbers.

  Args:
    samples: with labels.
    held_out: real images, labelled; of those that occur in `train` none is used.
    train: what the generator was trained on.
    classifier: trained on `train` too, for the comparison.
    seed: of the training.

  Returns:
    cas10k_test: the share of the held-out images that are recognised.
  """
  num = len(samples)
  name = metric_name(CAS, num, held_out.label)
  names = held_out.faces.class_names
  unfit = _unfit(samples, classifier) or _untrainable(samples, names)
  if note := unfit or _not_beside(classifier, train):
    return Score(name, None, num, note=note)
  images, labels, which = _unseen(held_out, train)
  if not len(images):
    return Score(name, None, num, note=f"no labelled image in {which}")
  try:
    trained = train_classifier(samples.images, samples.labels, samples.class_names, seed=seed)
  except ValueError as failure:
    return Score(name, None, num, note=str(failure))
  except DivergedError as failure:
    return Score(name, None, num, note=f"the classifier's training diverged: {failure}")
  matrix = _recognised(images, labels, names, trained)
  on_real = accuracy(_recognised(images, labels, names, classifier))
  value, count = accuracy(matrix), len(images)
  error = math.sqrt(value * (1 - value) / count)
  unlike = "" if train.num_images == num else ", which is not like for like"
  note = (
    f"trained on {num:,} samples; trained on {train.num_images:,} real images: {on_real:.3f}"
    f"{unlike}; {count:,} of {which}"
  )
  details = {"confusion": matrix.tolist(), "class_names": list(trained.class_names)}
  return Score(name, value, num, error, note, details)


def _recognised(
  images: np.ndarray, labels: np.ndarray, names: tuple[str, ...], classifier: Classifier
) -> np.ndarray:
  """The confusion matrix in the classifier's order of classes, which are matched by name."""
  order = np.array([classifier.class_names.index(name) for name in names])
  predicted = classifier.probabilities(np.asarray(images)).argmax(axis=1)
  return confusion_matrix(order[labels], predicted, len(classifier.class_names))


def _unfit(samples: Samples, classifier: Classifier) -> str:
  if not samples.class_names or (samples.labels < 0).any():
    return "nobody asked for an expression: the samples have no classes"
  if unknown := set(samples.class_names) - set(classifier.class_names):
    return f"the classifier knows no {', '.join(sorted(unknown))}"
  if samples.images.shape[1:] != classifier.image_shape:
    return f"the classifier is for images of {classifier.image_shape}"
  return ""


def _untrainable(samples: Samples, real_names: tuple[str, ...]) -> str:
  if set(real_names) != set(samples.class_names):
    return "real images and samples have other classes"
  if missing := set(range(len(samples.class_names))) - set(samples.labels.tolist()):
    return f"no sample of {', '.join(samples.class_names[label] for label in sorted(missing))}"
  if len(samples) < _CAS_SAMPLES:
    return f"needs {_CAS_SAMPLES:,} samples"
  return ""


def _not_beside(classifier: Classifier, train: Reference) -> str:
  if classifier.trained_on.fingerprint == train.fingerprint:
    return ""
  return f"needs a classifier of {train.description}; this one is of {_learnt(classifier)}"


def _learnt(classifier: Classifier) -> str:
  learnt = classifier.trained_on
  name = f"{learnt.name}/train" if learnt.name else "no prepared set"
  return f"{name}, {learnt.num_images:,} images"


def _unseen(held_out: Reference, train: Reference) -> tuple[np.ndarray, np.ndarray, str]:
  """Labelled images that do not occur in training, their labels, and what to call them."""
  faces = held_out.faces
  copies = occurs_in(faces.images, train.faces.images)
  chosen = (faces.labels >= 0) & ~copies
  which = without_copies(held_out.description, int(copies.sum()))
  return faces.images[chosen], faces.labels[chosen], which


def _on_real(classifier: Classifier, asked: list[int]) -> tuple[str, str]:
  """The same of real images of these classes that the classifier has not learnt; '' if unknown."""
  if classifier.held_out_confusion is None:
    return "", ""
  # Rows of other classes are left empty: they count nothing.
  rows = np.zeros_like(classifier.held_out_confusion)
  rows[asked] = classifier.held_out_confusion[asked]
  which = f"{rows.sum():,} of {classifier.held_out_images}"
  if not rows.any():
    return f"real images: {which}; ", ""
  overall, balanced = accuracy(rows), balanced_accuracy(rows)
  return f"real images: {overall:.3f} ({which}); ", f"real images: {balanced:.3f}; "
