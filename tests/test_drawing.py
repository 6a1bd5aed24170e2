import jax
import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax.drawing import draw_images, labels_asked, usual_inputs
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.sampling import drawn
from dcgan_jax.trained import CheckpointError, load_generator


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


@pytest.mark.parametrize("model", ["cgan", "pixelnorm_dcgan"])
def test_what_a_sample_was_asked_to_be_is_its_label(tmp_path, model):
  expression = None if model == "cgan" else "sad"
  write_checkpoints(tmp_path, [4], model=model, expression=expression)
  conditional = load_generator(tmp_path, None, ema=False)
  # Two thirds happy is mostly happy; a model of sad faces is asked for nothing else.
  mixture = always([0, 2 / 3, 1 / 3]) if model == "cgan" else always([])
  inputs = drawn(conditional.networks, 0, mixture)
  expected = 1 if model == "cgan" else 2
  assert labels_asked(conditional, inputs, 3).tolist() == [expected] * 3


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
