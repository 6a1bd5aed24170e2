import json

import pytest

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.classification.classifier import make_classifier
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
  sha256 = make_classifier(network, state, NAMES, (16, 16, 1), "f" * 64).sha256
  write(tmp_path, step=5, sha256=sha256, accuracy=0.75, confusion=[[2, 0], [1, 1]])
  return tmp_path


def write(workdir, **result):
  (workdir / "result.json").write_text(json.dumps(result))


def test_a_classifier_comes_with_its_score(workdir):
  classifier = load_classifier(workdir)
  assert classifier.class_names == ("happy", "sad")
  assert classifier.image_shape == (16, 16, 1)
  assert classifier.fingerprint == "f" * 64
  assert classifier.accuracy == 0.75
  assert classifier.held_out_confusion.tolist() == [[2, 0], [1, 1]]


def test_a_score_of_other_weights_is_refused(workdir):
  write(workdir, step=5, sha256="0" * 64, accuracy=0.75, confusion=[[1]])
  with pytest.raises(UserError, match="about other weights"):
    load_classifier(workdir)


def test_a_checkpoint_that_is_gone_is_named(workdir):
  write(workdir, step=6, sha256="0" * 64, accuracy=0.75, confusion=[[1]])
  with pytest.raises(UserError, match="checkpoint of step 6 cannot be read"):
    load_classifier(workdir)


def test_a_result_cut_short_is_named(workdir):
  (workdir / "result.json").write_text('{"step": 5')
  with pytest.raises(UserError, match=r"result.json: cannot be read"):
    load_classifier(workdir)
  write(workdir, step=5, accuracy=0.75, confusion=[[1]])
  with pytest.raises(UserError, match="sha256 is missing"):
    load_classifier(workdir)


def test_a_folder_without_a_classifier_is_named(tmp_path):
  with pytest.raises(UserError, match="no classifier in it"):
    load_classifier(tmp_path)
  with pytest.raises(UserError, match="no such folder"):
    load_classifier(tmp_path / "none")
