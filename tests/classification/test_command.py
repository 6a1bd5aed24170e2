import dataclasses
import json
import pathlib
import signal

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from dcgan_jax.classification import command
from dcgan_jax.classification.command import Job, run
from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classification.saved import load_classifier
from dcgan_jax.classification.training import Reached
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.data.reports import SplitInfo
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_OK, UserError
from dcgan_jax.workdir_lock import sole_trainer


def job(data_dir, workdir, **changes):
  """90 faces, twice, in batches of 10: 18 updates, dispatches of 8, 8 and 2."""
  recipe = Recipe(epochs=2, batch_size=10, width=2)
  return dataclasses.replace(
    Job("synthetic", str(data_dir), "test", pathlib.Path(workdir), recipe), **changes
  )


def result_of(workdir):
  return json.loads((workdir / "result.json").read_text())


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data_dir):
  """The workdir of an uninterrupted run."""
  workdir = tmp_path_factory.mktemp("classifier")
  assert run(job(data_dir, workdir)) == EXIT_OK
  return workdir


class Stopped:
  """An interruption that was asked for before the first dispatch ended."""

  requested = signal.SIGTERM

  def __enter__(self):
    return self

  def __exit__(self, *exception):
    pass


def test_a_run_leaves_what_its_workdir_promises(finished):
  result = result_of(finished)
  assert result["step"] == 18
  assert result["num_images"] == 10
  assert np.sum(result["confusion"]) == 10
  assert Image.open(finished / "confusion.png").mode == "RGB"
  rows = [json.loads(line) for line in (finished / "metrics.jsonl").read_text().splitlines()]
  assert [row["step"] for row in rows] == [18]
  assert set(rows[0]) == {"step", "loss", "accuracy", "images_per_second"}


def test_the_saved_classifier_is_the_one_that_was_scored(finished, data_dir):
  classifier, result = load_classifier(finished), result_of(finished)
  assert classifier.sha256 == result["sha256"]
  np.testing.assert_array_equal(classifier.held_out_confusion, result["confusion_without_those"])
  assert classifier.held_out_images == "synthetic/test"
  held_out = load_prepared("synthetic", "test", str(data_dir))
  predicted = classifier.probabilities(held_out.images).argmax(axis=1)
  assert np.mean(predicted == held_out.labels) == pytest.approx(result["accuracy"])
  train = load_prepared("synthetic", "train", str(data_dir))
  assert classifier.trained_on == ("synthetic", train.fingerprint, 90)
  assert classifier.class_names == train.class_names
  assert classifier.image_shape == (48, 48, 1)


# Of the damaged checkpoint Orbax leaves its readers' other errors to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_stopped_and_resumed_has_the_weights_of_an_uninterrupted_one(
  finished, data_dir, tmp_path, monkeypatch, capsys
):
  with monkeypatch.context() as stopping:
    stopping.setattr(command, "Interruption", Stopped)
    assert run(job(data_dir, tmp_path)) == EXIT_INTERRUPTED
    assert "SIGTERM: saved update 8." in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()
    with pytest.raises(UserError, match="not finished"):
      load_classifier(tmp_path)
  assert run(job(data_dir, tmp_path)) == EXIT_OK
  assert "Resuming from the checkpoint of update 8." in capsys.readouterr().err
  assert result_of(tmp_path)["sha256"] == result_of(finished)["sha256"]

  # The last checkpoint damaged, the run goes on from the one before it, to the same weights.
  (tmp_path / "checkpoints" / "18" / "state" / "manifest.ocdbt").unlink()
  with pytest.raises(UserError, match=r"step 18 cannot be read: .*\n.*it goes on from an older"):
    load_classifier(tmp_path)
  assert run(job(data_dir, tmp_path)) == EXIT_OK
  assert "Going back to the checkpoint before it, of step 8." in capsys.readouterr().err
  assert result_of(tmp_path)["sha256"] == result_of(finished)["sha256"]


def test_a_trained_classifier_is_only_scored_again(finished, data_dir, capsys):
  before = result_of(finished)
  (finished / "result.json").unlink()
  assert run(job(data_dir, finished)) == EXIT_OK
  told = capsys.readouterr().err
  assert "Trained already" in told
  assert "scored on test" in told
  assert result_of(finished) == before


def test_a_second_training_in_the_same_workdir_is_refused(data_dir, tmp_path):
  with sole_trainer(tmp_path), pytest.raises(UserError, match="trains in it"):
    run(job(data_dir, tmp_path))


def test_another_run_in_the_same_workdir_is_refused(finished, data_dir):
  other = Recipe(seed=1, epochs=2, batch_size=10, width=2)
  with pytest.raises(UserError, match=r"holds another run[^$]*config.seed: 0 there, 1 now"):
    run(job(data_dir, finished, recipe=other))


def test_a_loss_that_is_not_finite_ends_the_run_and_leaves_no_result(
  data_dir, tmp_path, monkeypatch, capsys
):
  def diverging(images, labels, classes, recipe, state, start):
    nan = {"loss": jnp.float32(jnp.nan), "accuracy": jnp.float32(0)}
    yield Reached(18, 18, state, nan)

  monkeypatch.setattr(command, "fit", diverging)
  assert run(job(data_dir, tmp_path)) == EXIT_DIVERGED
  assert "stopped being finite between steps 0 and 18" in capsys.readouterr().err
  assert not (tmp_path / "result.json").exists()
  assert not list((tmp_path / "checkpoints").glob("[0-9]*"))


@pytest.mark.parametrize(
  ("changes", "words"),
  [
    ({"held_out": "validation"}, r"no split 'validation' [^$]*--held-out=test"),
    ({"data": "nothing"}, "'nothing' is not prepared"),
    ({"recipe": Recipe(batch_size=91)}, "91, is more than the 90 images"),
  ],
)
def test_a_mistake_is_named_before_anything_is_trained(data_dir, tmp_path, changes, words):
  with pytest.raises(UserError, match=words):
    run(job(data_dir, tmp_path, **changes))
  assert not (tmp_path / "checkpoints").exists()


def test_a_workdir_that_is_a_file_is_named(data_dir, tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match="is a file, not a folder"):
    run(job(data_dir, tmp_path / "file"))


def test_a_set_without_labels_is_named(data_dir, tmp_path, monkeypatch):
  monkeypatch.setattr(command, "split_info", lambda *which: SplitInfo("f", 90, ()))
  with pytest.raises(UserError, match="has no labels: there is nothing to learn"):
    run(job(data_dir, tmp_path))


def test_a_set_with_nothing_held_out_is_named(data_dir, tmp_path, monkeypatch):
  monkeypatch.setattr(command, "split_names", lambda *which: ("train",))
  with pytest.raises(UserError, match="prepare the set with some held out"):
    run(job(data_dir, tmp_path))
