"""The state that a run begins with: with or without a classifier's eyes."""

import re

import jax
import jax.numpy as jnp
import pytest
from run_files import assert_same_bits, state_at

from dcgan_jax import classify
from dcgan_jax.beginning import initial_state, needed_classifier
from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.classification.classifier import Classifier, TrainingSet
from dcgan_jax.errors import UserError
from dcgan_jax.models.expression_classifier import ExpressionClassifier
from dcgan_jax.models.feature_judges import CLASSIFIER
from dcgan_jax.program import make_program
from dcgan_jax.sample import sample
from dcgan_jax.train import train

SHAPE = (48, 48, 1)


@pytest.fixture
def classifier():
  """One that has learnt nothing."""
  network = ExpressionClassifier(num_classes=7)
  weights = jax.device_get(jax.jit(network.init)(jax.random.key(3), jnp.zeros((1, *SHAPE))))
  return Classifier(network, weights, tuple("abcdefg"), SHAPE, TrainingSet("faces", "f", 9), "sha")


def assert_seen(state, classifier):
  """That the discriminator has the classifier's weights, and not its logits'."""
  seen = state.discriminator.batch_stats[CLASSIFIER]
  assert "logits" not in seen["params"]
  for kind, layers in seen.items():
    assert layers.keys() == classifier.weights[kind].keys() - {"logits"}
    for name, layer in layers.items():
      assert_same_bits(layer, classifier.weights[kind][name])


def test_without_a_classifier_it_is_the_programs(config, tmp_path):
  program = make_program(config, SHAPE, 7)
  assert needed_classifier(config, SHAPE, tmp_path) is None
  assert_same_bits(initial_state(program, None), program.initial_state())


def test_with_one_the_discriminator_has_its_weights(config, classifier):
  config.model.classifier = "runs/classifier-faces"
  assert_seen(initial_state(make_program(config, SHAPE, 7), classifier), classifier)


def test_where_there_is_none_the_field_and_the_command_that_trains_one_are_told(config, tmp_path):
  config.model.classifier = str(tmp_path / "none")
  with pytest.raises(UserError, match=r"^config\.model\.classifier: .*/none: no such") as told:
    needed_classifier(config, SHAPE, tmp_path)
  assert "python -m dcgan_jax.classify" in str(told.value)


def test_the_mistake_is_told_before_anything_is_made(config, tmp_path):
  config.model.classifier = str(tmp_path / "none")
  with pytest.raises(UserError, match="no such folder"):
    train(config, tmp_path / "run")
  assert not (tmp_path / "run").exists()


def test_a_run_that_was_begun_needs_none(config, tmp_path):
  config.model.classifier = str(tmp_path / "none")
  (tmp_path / "checkpoints" / "4").mkdir(parents=True)
  assert needed_classifier(config, SHAPE, tmp_path) is None


@pytest.fixture(scope="module")
def learnt(data_dir, tmp_path_factory):
  """The folder of a classifier that has seen its faces once."""
  folder = tmp_path_factory.mktemp("classifier")
  where = ["--data=synthetic", f"--data-dir={data_dir}", f"--out={folder}"]
  assert classify.classify([*where, "--epochs=1", "--batch-size=30"]) == 0
  return folder


@pytest.mark.slow
def test_a_classifier_of_other_images_is_refused(config, learnt, tmp_path):
  config.model.classifier = str(learnt)
  with pytest.raises(UserError, match="knows images of 48×48×1, the data are 64×64×3") as told:
    needed_classifier(config, (64, 64, 3), tmp_path)
  assert "python -m dcgan_jax.classify --data=synthetic" in str(told.value)


@pytest.mark.slow
def test_a_run_leaves_the_classifier_as_it_is_and_goes_on_wherever_it_lies(
  config, learnt, tmp_path, capsys
):
  config.model.classifier = str(learnt)
  classifier = needed_classifier(config, SHAPE, tmp_path)
  config.num_steps = 6
  assert train(config, tmp_path / "whole") == 0
  config.num_steps = 3
  assert train(config, tmp_path / "twice") == 0
  config.num_steps, config.model.classifier = 6, "moved away"
  assert train(config, tmp_path / "twice") == 0
  whole, twice = (state_at(tmp_path / name, config, 6) for name in ("whole", "twice"))
  assert_same_bits(twice, whole)
  assert_seen(whole, classifier)
  checkpoints = Checkpoints(tmp_path / "twice", read_only=True)
  assert checkpoints.record(6)["classifier"] == classifier.sha256
  checkpoints.close()
  assert sample([f"--workdir={tmp_path}/twice", "--num=4", f"--out={tmp_path}/faces.png"]) in (
    0,
    None,
  )

  config.model.classifier, config.num_steps = None, 9
  expected = f"config.model.classifier: {str(learnt)!r} there, None now"
  with pytest.raises(UserError, match=re.escape(expected)):
    train(config, tmp_path / "whole")
