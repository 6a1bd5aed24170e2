import math

import numpy as np
import pytest

from dcgan_jax.classification.confusion import (
  accuracy,
  balanced_accuracy,
  confusion_matrix,
  recall,
)

# Class 0 three times, twice recognised; class 1 once, taken for 2; class 2 never there.
LABELS, PREDICTED = np.array([0, 0, 0, 1]), np.array([0, 2, 0, 2])
MATRIX = confusion_matrix(LABELS, PREDICTED, 3)


def test_rows_are_true_and_columns_predicted():
  np.testing.assert_array_equal(MATRIX, [[2, 0, 1], [0, 0, 1], [0, 0, 0]])
  assert MATRIX.dtype == np.int64


def test_accuracy_is_of_all_images():
  assert accuracy(MATRIX) == 2 / 4


def test_recall_is_of_each_class_and_unknown_without_images():
  np.testing.assert_array_equal(recall(MATRIX), [2 / 3, 0, np.nan])


def test_balanced_accuracy_is_the_mean_over_classes_that_have_images():
  assert balanced_accuracy(MATRIX) == pytest.approx(1 / 3)  # (2/3 + 0) / 2


def test_no_images_have_no_rates():
  empty = confusion_matrix(np.array([], int), np.array([], int), 2)
  np.testing.assert_array_equal(empty, np.zeros((2, 2)))
  assert math.isnan(accuracy(empty))
  assert math.isnan(balanced_accuracy(empty))


@pytest.mark.parametrize(
  ("labels", "predicted", "words"),
  [([0, 3], [0, 0], "from 0 to 3"), ([0, -1], [0, 0], "from -1"), ([0], [0, 1], "shape")],
)
def test_what_cannot_be_counted_is_refused(labels, predicted, words):
  with pytest.raises(ValueError, match=words):
    confusion_matrix(np.array(labels), np.array(predicted), 3)
