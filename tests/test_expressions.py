import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax.errors import UserError
from dcgan_jax.expressions import (
  classes_asked,
  columns_of,
  expression_sheet,
  find_run,
  runs_of_each,
)
from dcgan_jax.trained import load_generator

NAMES = ("surprise", "neutral", "angry")  # not in the order of the alphabet


@pytest.fixture(scope="module")
def of_each(tmp_path_factory):
  """A run of each class, of which one class has none."""
  workdir = tmp_path_factory.mktemp("each")
  for name in ("angry", "surprise"):
    write_checkpoints(workdir / name, [4], expression=name, class_names=NAMES)
  (workdir / "neutral").mkdir()
  (workdir / "checkpoints").mkdir()  # of a run of all classes that saved nothing
  return workdir


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
  workdir = tmp_path_factory.mktemp("conditional")
  write_checkpoints(workdir, [4], model="cgan", class_names=NAMES)
  return workdir


def asked_for(generator, **weights):
  return np.asarray(classes_asked(generator, weights)(0, 2))


def test_a_class_has_its_own_run_or_the_workdir(of_each, conditional):
  assert runs_of_each(of_each) == ["angry", "surprise"]
  assert find_run(of_each, {"angry": 1.0}) == of_each / "angry"
  assert find_run(conditional, {"angry": 1.0}) == conditional


@pytest.mark.parametrize(
  ("asked", "words"),
  [
    ({}, "holds a model for each of angry, surprise; name one with --expression"),
    ({"angry": 1.0, "surprise": 1.0}, "they cannot be mixed: name one"),
    ({"neutral": 1.0}, "has no model of it, but of angry, surprise"),
  ],
)
def test_of_runs_of_each_class_exactly_one_is_to_be_named(of_each, asked, words):
  with pytest.raises(UserError, match=words):
    find_run(of_each, asked)


def test_a_mixture_is_weights_that_sum_to_one(conditional):
  generator = load_generator(conditional, None, ema=False)
  np.testing.assert_array_equal(asked_for(generator, neutral=1.0), [[0, 1, 0]] * 2)
  np.testing.assert_allclose(asked_for(generator, angry=3.0, surprise=1.0), [[0.25, 0, 0.75]] * 2)


def test_a_model_of_one_class_can_be_asked_for_that_one_alone(of_each):
  angry = load_generator(of_each / "angry", None, ema=False)
  assert asked_for(angry, angry=1.0).shape == (2, 0)
  with pytest.raises(UserError, match="was trained on angry, and cannot be asked for another"):
    classes_asked(angry, {"surprise": 1.0})


@pytest.mark.parametrize("kind", ["of_each", "conditional"])
def test_columns_are_in_the_order_of_the_labels(kind, request):
  columns = columns_of(request.getfixturevalue(kind), None, ema=False)
  there = NAMES if kind == "conditional" else ("surprise", "angry")
  assert tuple(column.name for column in columns) == there


def test_a_row_of_the_sheet_is_one_latent(conditional):
  columns = columns_of(conditional, None, ema=False)
  sheet = expression_sheet(columns, seed=0, rows=2)
  assert sheet.shape == (2 * 3, 48, 48, 1)
  # The same expression alone gives the same faces: every third one.
  np.testing.assert_array_equal(expression_sheet(columns[1:2], seed=0, rows=2), sheet[1::3])
