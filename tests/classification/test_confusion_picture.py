import numpy as np
import pytest

from dcgan_jax.classification.confusion_picture import confusion_picture


def test_it_is_a_colour_picture_that_depends_on_the_counts():
  right = confusion_picture(np.diag([3, 5]), ("happy", "sad"), "all right")
  wrong = confusion_picture(np.diag([3, 5])[::-1], ("happy", "sad"), "all right")
  assert right.dtype == np.uint8
  assert right.ndim == 3
  assert right.shape[2] == 3
  assert right.shape == wrong.shape
  assert not np.array_equal(right, wrong)


def test_rows_are_shaded_by_their_parts_not_by_their_counts():
  """A class with few images is as dark where it is recognised as one with many."""
  few = confusion_picture(np.array([[1, 0], [0, 1000]]), ("a", "b"), "")
  darkest = few.sum(axis=2).astype(int)
  # Both diagonal cells are the colour map's darkest blue, 8, 48, 107; a cell is 80 pixels wide.
  blue = (few == [8, 48, 107]).all(axis=2)
  rows = np.flatnonzero(blue.any(axis=1))
  assert len(rows) > 100, darkest.min()
  assert blue.any(axis=0).sum() > 100


@pytest.mark.parametrize("classes", [2, 12])
def test_more_classes_make_a_larger_picture(classes):
  matrix = np.eye(classes, dtype=np.int64)
  picture = confusion_picture(matrix, [f"class {i}" for i in range(classes)], "title")
  assert picture.shape[0] == pytest.approx(100 * (2.5 + 0.8 * classes), abs=1)


def test_a_class_without_images_can_be_drawn():
  picture = confusion_picture(np.array([[0, 0], [1, 2]]), ("none", "some"), "title")
  assert picture.min() < 255
