import jax
import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax import drawing
from dcgan_jax.checkpoints import CheckpointError
from dcgan_jax.drawing import draw_images, labels_asked, usual_inputs
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.sampling import drawn
from dcgan_jax.trained import load_generator


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [4])
  return load_generator(workdir, None, ema=False)


def draw(generator, count=3):
  inputs = usual_inputs(generator, seed=0)
  batches = draw_images(generator, inputs, count=count, description="a run, step 4")
  return np.concatenate(list(batches))


def test_as_many_images_are_drawn_as_are_asked_for(generator):
  images = draw(generator, count=70)
  assert images.shape == (70, 48, 48, 1)
  assert images.dtype == np.uint8
  np.testing.assert_array_equal(draw(generator, count=3), images[:3])


def test_of_a_model_without_classes_nobody_asks_for_one(generator):
  assert labels_asked(generator, usual_inputs(generator, seed=0), 3) is None


def test_a_mixture_is_labelled_with_what_it_has_most_of(tmp_path):
  write_checkpoints(tmp_path, [4], model="cgan")
  conditional = load_generator(tmp_path, None, ema=False)
  inputs = drawn(conditional.networks, 0, always([0, 2 / 3, 1 / 3]))
  assert labels_asked(conditional, inputs, 3).tolist() == [1, 1, 1]


def test_labels_are_looked_up_a_part_at_a_time(tmp_path, monkeypatch):
  write_checkpoints(tmp_path, [4], model="cgan")
  conditional = load_generator(tmp_path, None, ema=False)
  inputs = usual_inputs(conditional, seed=0)
  whole = np.asarray(inputs(0, 7)[1]).argmax(axis=1)
  assert len(set(whole)) > 1
  asked = []

  def watched(first, count):
    asked.append(count)
    return inputs(first, count)

  monkeypatch.setattr(drawing, "_LABELS_AT_ONCE", 3)
  assert labels_asked(conditional, watched, 7).tolist() == whole.tolist()
  assert max(asked) == 3


def test_a_model_of_one_expression_labels_all_faces_with_it(tmp_path):
  write_checkpoints(tmp_path, [4], expression="sad")
  sad = load_generator(tmp_path, None, ema=False)
  index = sad.class_names.index("sad")
  assert labels_asked(sad, usual_inputs(sad, seed=0), 3).tolist() == [index] * 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_is_named(generator, value):
  weights = jax.tree.map(np.array, generator.weights)
  path, leaf = jax.tree_util.tree_leaves_with_path(weights["params"])[-1]
  leaf.flat[0] = value
  with pytest.raises(CheckpointError) as caught:
    draw(generator._replace(weights=weights))
  message = str(caught.value)
  assert message.startswith("a run, step 4: ['params']" + jax.tree_util.keystr(path))
  assert "is not finite: the run has diverged" in message


def test_finite_weights_whose_products_overflow_are_refused(generator):
  # inf - inf: float32 ends at 3.4e38, and signs differ.
  def huge(leaf):
    return np.where(np.arange(leaf.size).reshape(leaf.shape) % 2, 3e38, -3e38).astype(leaf.dtype)

  params = jax.tree.map(huge, generator.weights["params"])
  with pytest.raises(CheckpointError) as caught:
    draw(generator._replace(weights={**generator.weights, "params": params}))
  message = str(caught.value)
  assert message.startswith("a run, step 4: sample 0 has pixels that are not finite: the run has d")
  assert "Earlier checkpoints" in message
