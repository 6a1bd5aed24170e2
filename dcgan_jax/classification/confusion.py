"""What was taken for what: the confusion matrix and the rates that follow from it."""

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
  """Counts how often each class was taken for each.

  Args:
    labels: integers [n], the true classes.
    predicted: integers [n].
    num_classes: how many there are.

  Returns:
    int64 [num_classes, num_classes]: row the true class, column the predicted one.

  Raises:
    ValueError: different lengths, or a class outside 0 … num_classes - 1.
  """
  labels, predicted = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
  if labels.shape != predicted.shape or labels.ndim != 1:
    raise ValueError(f"labels have shape {labels.shape}, predictions {predicted.shape}")
  both = np.concatenate([labels, predicted])
  if both.size and not 0 <= both.min() <= both.max() < num_classes:
    raise ValueError(f"classes from {both.min()} to {both.max()}, expected 0 to {num_classes - 1}")
  matrix = np.zeros((num_classes, num_classes), np.int64)
  np.add.at(matrix, (labels, predicted), 1)
  return matrix


def accuracy(matrix: np.ndarray) -> float:
  """The part of all images that was recognised; NaN without images."""
  total = matrix.sum()
  return float(np.trace(matrix) / total) if total else float("nan")


def recall(matrix: np.ndarray) -> np.ndarray:
  """The part of each class that was recognised, float64 [classes]; NaN for one without images."""
  totals = matrix.sum(axis=1)
  return np.where(totals > 0, np.diag(matrix) / np.maximum(totals, 1), np.nan)


def balanced_accuracy(matrix: np.ndarray) -> float:
  """The mean recall of the classes that have images: chance is 1 / classes, however unequal."""
  found = recall(matrix)
  return float(np.mean(found[~np.isnan(found)])) if matrix.sum() else float("nan")
