import argparse
import pathlib

import numpy as np
import pytest
from raw_files import folder, png, run

from dcgan_jax.classification.classifier import Classifier, TrainingSet
from dcgan_jax.data.reports import split_info
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import against
from dcgan_jax.evaluation.against import comparisons, convention, find_classifier
from dcgan_jax.metrics.convention import Resize


def prepared(root, *splits):
  """A set of three 48×48 images in each split; no two are equal."""
  rng = np.random.default_rng(0)
  files = {
    f"{split}/happy/{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for split in splits
    for i in range(3)
  }
  run(root / "data", "folder", f"--source={folder(root / 'raw', files)}", "--name=faces")
  return argparse.Namespace(
    data="faces", data_dir=str(root / "data"), seed=0, resize="tensorflow", reference=("train",)
  )


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", str(tmp_path / "references"))


@pytest.mark.parametrize(
  ("splits", "held_out"),
  [
    (("train", "validation", "test"), "faces/test"),
    # FER-2013's copies often have the public test images only, as "validation".
    (("train", "validation"), "faces/validation"),
  ],
)
def test_what_is_held_out_is_the_test_split_else_the_validation_split(tmp_path, splits, held_out):
  (found,) = comparisons(prepared(tmp_path, *splits), None, None)
  assert found.train.description == "faces/train"
  assert found.held_out.description == held_out


def test_nothing_is_held_out_from_a_set_of_one_split(tmp_path):
  (found,) = comparisons(prepared(tmp_path, "train"), None, None)
  assert found.held_out is None


def test_two_comparisons_share_the_images_that_both_need(tmp_path):
  options = prepared(tmp_path, "train", "validation")
  options.reference = ("train", "validation")
  by_train, by_validation = comparisons(options, None, None)
  assert (by_train.label, by_validation.label) == ("train", "validation")
  assert by_train.reference is by_train.train is by_validation.train
  assert by_validation.reference is by_train.held_out is by_validation.held_out


def test_statistics_need_the_resize_they_were_taken_with(tmp_path):
  path = tmp_path / "theirs.npz"
  np.savez(path, mu=np.zeros(3), sigma=np.eye(3))
  options = argparse.Namespace(resize=None, reference=("train", str(path)))
  with pytest.raises(UserError, match=r"theirs\.npz: .*\n.*--resize=pytorch .*--resize=tensorflow"):
    convention(options)
  options.resize = "tensorflow"
  assert convention(options) == Resize.TENSORFLOW


def test_images_are_resized_as_tensorflow_does_unless_said_otherwise(tmp_path):
  options = argparse.Namespace(resize=None, reference=("train", str(tmp_path)))
  assert convention(options) == Resize.TENSORFLOW
  options.resize = "pytorch"
  assert convention(options) == Resize.PYTORCH


@pytest.fixture
def judging(tmp_path, monkeypatch):
  """`(learnt, **options) -> find_classifier` for a set "faces", prepared here.

  `learnt` is what the classifiers of all folders were trained on; one is in runs/classifier-faces.
  """
  options = prepared(tmp_path, "train", "test")
  usual = tmp_path / "runs" / "classifier-faces"
  usual.mkdir(parents=True)
  (usual / "result.json").write_text("{}")
  monkeypatch.chdir(tmp_path)

  def find(learnt, **changed):
    known = Classifier(None, None, ("happy",), (48, 48, 1), learnt, "s")
    monkeypatch.setattr(against, "load_classifier", lambda folder: known)
    given = {"classifier": None, **vars(options), **changed}
    return find_classifier(argparse.Namespace(**given), None)

  find.fingerprint = split_info("faces", "train", options.data_dir).fingerprint
  return find


def test_a_classifier_of_the_sets_own_training_images_is_found_by_name(judging):
  learnt = TrainingSet("faces", judging.fingerprint, 3)
  classifier, reason = judging(learnt)
  assert (classifier.trained_on, reason) == (learnt, "")


def test_a_classifier_found_by_name_that_has_learnt_other_images_is_refused(judging, tmp_path):
  for name in ("faces", "other"):
    classifier, reason = judging(TrainingSet(name, "0" * 64, 3))
    assert classifier is None
    assert "runs/classifier-faces: this classifier has learnt other images" in reason
    assert str(tmp_path / "data" / "faces") in reason
    assert "python -m dcgan_jax.classify --data=faces" in reason
    assert "prepare the set as it was" in reason


def test_a_classifier_named_by_its_folder_is_refused_where_it_has_learnt_what_the_set_was(judging):
  with pytest.raises(UserError, match=r"^elsewhere: this classifier has learnt other images"):
    judging(TrainingSet("faces", "0" * 64, 3), classifier=pathlib.Path("elsewhere"))


def test_a_classifier_of_another_set_may_be_named_by_its_folder(judging):
  learnt = TrainingSet("other", "0" * 64, 3)
  classifier, _ = judging(learnt, classifier=pathlib.Path("elsewhere"))
  assert classifier.trained_on == learnt


def test_where_the_set_is_not_prepared_nothing_is_held_out_that_it_may_have_learnt(
  judging, tmp_path
):
  learnt = TrainingSet("faces", "0" * 64, 3)
  classifier, _ = judging(learnt, data_dir=str(tmp_path / "nowhere"))
  assert classifier.trained_on == learnt
