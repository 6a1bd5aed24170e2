import json

import pytest

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.classification.classifier import TrainingSet, make_classifier
from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classification.saved import load_classifier
from dcgan_jax.classification.training import initial_state
from dcgan_jax.errors import UserError
from dcgan_jax.models.expression_classifier import ExpressionClassifier

NAMES = ["happy", "sad"]
RECIPE = Recipe(batch_size=2, width=2)
RECORD = {
  "config": {
    "seed": 0,
    "epochs": RECIPE.epochs,
    "batch_size": 2,
    "model": {"name": "expression_classifier", "width": 2},
  },
  "data": {
    "fingerprint": "f" * 64,
    "num_examples": 4,
    "image_shape": [16, 16, 1],
    "class_names": NAMES,
  },
}


@pytest.fixture
def workdir(tmp_path):
  """A classifier as the command leaves it, but untrained."""
  state = initial_state(RECIPE, (4, 16, 16, 1), 2)
  checkpoints = Checkpoints(tmp_path)
  checkpoints.save(5, state, RECORD)
  checkpoints.close()
  network = ExpressionClassifier(2, width=2)
  learnt = TrainingSet("faces", "f" * 64, 4)
  sha256 = make_classifier(network, state, NAMES, (16, 16, 1), learnt).sha256
  write(tmp_path, {**RESULT, "sha256": sha256})
  return tmp_path


# Of five held-out images one is a copy of a training image.
RESULT = {
  "data": "faces",
  "held_out": "validation",
  "step": 5,
  "sha256": "0" * 64,
  "num_also_in_training": 1,
  "accuracy": 0.8,
  "confusion": [[3, 0], [1, 1]],
  "confusion_without_those": [[2, 0], [1, 1]],
}


def write(workdir, result):
  (workdir / "result.json").write_text(json.dumps(result))


def test_a_classifier_comes_with_its_set_and_its_score_without_copies(workdir):
  classifier = load_classifier(workdir)
  assert classifier.class_names == ("happy", "sad")
  assert classifier.image_shape == (16, 16, 1)
  assert classifier.trained_on == ("faces", "f" * 64, 4)
  assert classifier.held_out_confusion.tolist() == [[2, 0], [1, 1]]
  assert classifier.held_out_images == "faces/validation without 1 copy of training images"


def test_a_score_of_other_weights_is_refused(workdir):
  write(workdir, RESULT)
  with pytest.raises(UserError, match="about other weights"):
    load_classifier(workdir)


def test_a_checkpoint_that_is_gone_is_named(workdir):
  write(workdir, {**RESULT, "step": 6})
  with pytest.raises(UserError, match="checkpoint of step 6 cannot be read"):
    load_classifier(workdir)


def test_a_result_cut_short_is_named(workdir):
  (workdir / "result.json").write_text('{"step": 5')
  with pytest.raises(UserError, match=r"result.json: cannot be read"):
    load_classifier(workdir)


def test_a_result_of_an_older_version_is_one_message_with_the_command_that_mends_it(workdir):
  older = {name: RESULT[name] for name in RESULT if name != "confusion_without_those"}
  write(workdir, older)
  command = f"dcgan_jax.classify --data=NAME --out={workdir}"
  with pytest.raises(UserError, match=rf"confusion_without_those is missing[^$]*{command}"):
    load_classifier(workdir)


def test_a_folder_without_a_classifier_is_named(tmp_path):
  with pytest.raises(UserError, match="no classifier in it"):
    load_classifier(tmp_path)
  with pytest.raises(UserError, match="no such folder"):
    load_classifier(tmp_path / "none")
