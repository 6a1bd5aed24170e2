"""How well a classifier recognises images it was not trained on."""

import math
from typing import Any

import numpy as np

from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.classification.confusion import (
  accuracy,
  balanced_accuracy,
  confusion_matrix,
  recall,
)
from dcgan_jax.data.copies import occurs_in


def score(
  classifier: Classifier, images: np.ndarray, labels: np.ndarray, training_images: np.ndarray
) -> dict[str, Any]:
  """Everything that a result says of the held-out images, as plain JSON types.

  A held-out image that also occurs in training, byte for byte, tests memory; FER-2013 has hundreds.
  Accuracy and confusion are given with and without them.

  Args:
    classifier: trained on `training_images`.
    images: uint8 [n, height, width, channels], held out.
    labels: integers [n], indices into the classifier's classes.
    training_images: uint8 [m, height, width, channels].

  Returns:
    The fields of result.json that depend on the held-out images; None for a rate of no images.
  """
  probabilities = classifier.probabilities(images)
  predicted = np.argmax(probabilities, axis=1)
  classes = len(classifier.class_names)
  matrix = confusion_matrix(labels, predicted, classes)
  known = occurs_in(images, training_images)
  fresh = confusion_matrix(labels[~known], predicted[~known], classes)
  return {
    "num_images": len(images),
    "num_also_in_training": int(known.sum()),
    "accuracy": _number(accuracy(matrix)),
    "accuracy_without_those": _number(accuracy(fresh)),
    "balanced_accuracy": _number(balanced_accuracy(matrix)),
    "most_frequent_class": float(matrix.sum(axis=1).max() / matrix.sum()),
    "recall": {
      name: _number(rate) for name, rate in zip(classifier.class_names, recall(matrix), strict=True)
    },
    "confusion": matrix.tolist(),
    "confusion_without_those": fresh.tolist(),
  }


def describe(result: dict[str, Any], name: str) -> str:
  """A result for people, several lines.

  Args:
    result: from `score`.
    name: of the held-out images.
  """
  count, rate, copies = result["num_images"], result["accuracy"], result["num_also_in_training"]
  error = math.sqrt(rate * (1 - rate) / count)
  lines = [f"{name}: {rate:.1%} of {count:,} images recognised (standard error {error:.1%})"]
  if copies:
    fresh = result["accuracy_without_those"]
    text = "there are no others" if fresh is None else f"{fresh:.1%} of the others"
    lines.append(f"  {copies:,} of them are exact copies of training images; {text}")
  lines.append(
    f"  balanced accuracy {result['balanced_accuracy']:.1%}; "
    f"naming the most frequent class each time would be right on "
    f"{result['most_frequent_class']:.1%}"
  )
  totals = np.sum(result["confusion"], axis=1)
  width = max(len(name) for name in result["recall"])
  for (label, part), total in zip(result["recall"].items(), totals, strict=True):
    shown = "     –" if part is None else f"{part:6.1%}"
    lines.append(f"  {label:<{width}}  {shown} of {total:,}")
  return "\n".join(lines)


def _number(value: float) -> float | None:
  """JSON has no NaN."""
  return None if math.isnan(value) else float(value)
