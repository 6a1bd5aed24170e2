import dataclasses

import jax
import numpy as np
import pytest

from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classification.state import weights
from dcgan_jax.classification.training import (
  fit,
  in_short,
  initial_state,
  problems,
  train_classifier,
)
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.synthetic import EXPRESSIONS

RECIPE = Recipe(epochs=20, batch_size=64, width=8)


@pytest.fixture(scope="module")
def learned(small_faces):
  """A classifier of 512 small faces after 160 updates."""
  return train_classifier(*small_faces(0, 512), EXPRESSIONS, **dataclasses.asdict(RECIPE))


def test_faces_it_never_saw_are_recognised_far_above_chance(learned, small_faces):
  images, labels = small_faces(512, 768)
  accuracy = np.mean(learned.probabilities(images).argmax(axis=1) == labels)
  assert accuracy > 0.5  # chance is 1/7


def test_it_names_its_classes_and_data_and_is_not_scored_yet(learned, small_faces):
  assert learned.class_names == EXPRESSIONS
  assert learned.image_shape == (16, 16, 1)
  assert learned.trained_on == ("", fingerprint(*small_faces(0, 512)), 512)
  assert learned.held_out_confusion is None


def test_a_training_resumed_after_a_dispatch_comes_to_the_same_bits(learned, small_faces):
  images, labels = small_faces(0, 512)
  state = initial_state(RECIPE, images.shape, len(EXPRESSIONS))
  start = 0
  for stop_at in (24, 160):
    for reached in fit(images, labels, len(EXPRESSIONS), RECIPE, state, start):
      if reached.step == stop_at:
        state, start = jax.device_get(reached.state), stop_at
        break
  assert state.step == 160
  jax.tree.map(np.testing.assert_array_equal, weights(state), learned.weights)


LABELS = np.array([0, 1, 1, 0])
SMALL = Recipe(batch_size=2)


@pytest.mark.parametrize(
  ("recipe", "shape", "labels", "names", "words"),
  [
    (SMALL, (4, 16, 16, 1), -LABELS, ("a", "b"), "no labels"),
    (SMALL, (4, 16, 16, 1), LABELS, (), "no labels"),
    (SMALL, (4, 16, 16, 1), LABELS, ("a",), "label 1 has no name"),
    (SMALL, (4, 16, 16, 1), 0 * LABELS, ("a", "b"), "all images are 'a'"),
    (SMALL, (4, 16, 24, 1), LABELS, ("a", "b"), "16×24×1: sides divisible by 16"),
    (SMALL, (4, 16, 16, 2), LABELS, ("a", "b"), "1 or 3 channels"),
    (Recipe(batch_size=5), (4, 16, 16, 1), LABELS, ("a", "b"), "5, is more than the 4 images"),
  ],
)
def test_what_cannot_be_learned_is_named(recipe, shape, labels, names, words):
  found = problems(recipe, shape, labels, names)
  assert len(found) == 1
  assert words in found[0]


def test_good_data_have_no_problems():
  assert problems(SMALL, (4, 16, 16, 3), LABELS, ("a", "b")) == []


def test_bad_arguments_are_a_programmers_mistake():
  with pytest.raises(ValueError, match="one class cannot be told apart"):
    train_classifier(np.zeros((4, 16, 16, 1), np.uint8), 0 * LABELS, ("a", "b"), batch_size=2)


def test_in_short_they_are_a_line():
  assert in_short({"loss": 1.25, "accuracy": 0.5}) == (
    "loss 1.250, right on augmented training images 50.0%"
  )
