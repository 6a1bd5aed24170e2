import json

import numpy as np
import pytest

from dcgan_jax.classification.result import describe, score

CLASSES = ("happy", "sad", "calm")


class ByFirstPixel:
  """Stands in for a classifier: an image's first pixel is the class it is taken for."""

  class_names = CLASSES

  def probabilities(self, images):
    return np.eye(3, dtype=np.float32)[images[:, 0, 0, 0]]


def image(taken_for, mark):
  return np.array([[[taken_for], [mark]]], np.uint8)


# Two happy faces are recognised, one of them known from training; the third is taken for sad; the
# sad one is recognised. Nobody is calm.
HELD_OUT = np.stack([image(0, 1), image(0, 2), image(1, 3), image(1, 4)])
LABELS = np.array([0, 0, 0, 1], np.int32)
TRAINING = np.stack([image(0, 1), image(2, 2)])


@pytest.fixture(scope="module")
def result():
  return score(ByFirstPixel(), HELD_OUT, LABELS, TRAINING)


def test_the_rates_are_those_of_the_images(result):
  assert result["confusion"] == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
  assert result["accuracy"] == 3 / 4
  assert result["recall"] == {"happy": pytest.approx(2 / 3), "sad": 1.0, "calm": None}
  assert result["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
  assert result["most_frequent_class"] == 3 / 4


def test_images_known_from_training_are_counted_and_left_out_of_a_second_accuracy(result):
  assert result["num_also_in_training"] == 1
  assert result["accuracy_without_those"] == pytest.approx(2 / 3)
  assert result["confusion_without_those"] == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_a_result_is_json(result):
  assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_the_description_says_it_in_words(result):
  lines = describe(result, "faces/test").splitlines()
  # √(0.75 · 0.25 / 4) = 0.2165
  assert lines[0] == "faces/test: 75.0% of 4 images recognised (standard error 21.7%)"
  assert "1 of them are exact copies of training images; 66.7% of the others" in lines[1]
  assert "balanced accuracy 83.3%" in lines[2]
  assert [line.split() for line in lines[3:]] == [
    ["happy", "66.7%", "of", "3"],
    ["sad", "100.0%", "of", "1"],
    ["calm", "–", "of", "0"],
  ]
