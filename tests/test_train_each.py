import json
import os
import shutil
import signal

import numpy as np
import pytest
from PIL import Image
from raw_files import folder, png, run
from untrained_run import write_checkpoints

from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_OK, UserError
from dcgan_jax.run import open_workdir
from dcgan_jax.train import train
from dcgan_jax.train_each import train_each
from dcgan_jax.trained import load_generator


@pytest.fixture
def faces(tmp_path):
  """A set of classes a and c, nine images each; there is none of class b in training."""
  rng = np.random.default_rng(0)
  files = {
    f"{split}/{name}/{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for split, name in (("train", "a"), ("train", "c"), ("test", "b"))
    for i in range(9)
  }
  run(tmp_path, "folder", f"--source={folder(tmp_path / 'raw', files)}", "--name=faces")
  return tmp_path


def configure(config, data_dir):
  config.data.name, config.data.data_dir, config.data.expression = "faces", str(data_dir), "each"
  config.num_steps = config.log_every = config.sample_every = config.checkpoint_every = 4
  return config


def test_each_class_gets_a_model_of_its_own_and_a_column_in_one_picture(config, faces, capsys):
  config, workdir = configure(config, faces), faces / "run"
  assert train_each(config, workdir) == EXIT_OK
  assert sorted(path.name for path in workdir.iterdir()) == [
    "a", "c", "expressions.png", "expressions_ema.png", "report.html",
  ]  # fmt: skip
  assert "Runs compared" in (workdir / "report.html").read_text()
  kernels = []
  for name in ("a", "c"):
    generator = load_generator(workdir / name, None, ema=False)
    assert (generator.step, generator.expression) == (4, name)
    assert generator.record["data"]["num_examples"] == 9
    kernels.append(generator.weights["params"]["project"]["kernel"])
  assert not np.array_equal(*kernels)  # of the same seed, on other faces
  # Two columns and eight rows of 48 pixels, 2 between, everything doubled.
  assert Image.open(workdir / "expressions.png").size == (2 * 98, 2 * (8 * 50 - 2))

  capsys.readouterr()
  assert train_each(config, workdir) == EXIT_OK
  assert capsys.readouterr().err.count("Already at step 4") == 2


def test_the_picture_is_of_the_newest_models_and_is_made_up_for(config, faces, monkeypatch):
  config, workdir = configure(config, faces), faces / "run"
  monkeypatch.setattr("dcgan_jax.train_each.train", pretended_training)
  assert train_each(config, workdir) == EXIT_OK
  first = (workdir / "expressions.png").read_bytes()
  (workdir / "expressions.png").unlink()  # as an interruption while drawing leaves it
  assert train_each(config, workdir) == EXIT_OK
  assert (workdir / "expressions.png").read_bytes() == first
  config.num_steps = 8
  assert train_each(config, workdir) == EXIT_OK
  assert (workdir / "expressions.png").read_bytes() != first


def pretended_training(config, workdir, wandb):
  """Leaves a run of the class as training does, with weights that differ from step to step."""
  shutil.rmtree(workdir, ignore_errors=True)
  write_checkpoints(
    workdir, range(4, config.num_steps + 1, 4), expression=config.data.expression,
    class_names=("a", "b", "c"),
  )  # fmt: skip
  return EXIT_OK


def test_a_class_that_was_killed_before_it_saved_anything_is_trained_again(config, faces):
  config, workdir = configure(config, faces), faces / "run"
  open_workdir(workdir / "c" / "checkpoints")  # as a kill leaves it
  (workdir / "c" / "config.json").write_text(json.dumps({"data": {"expression": "c"}}))
  assert train_each(config, workdir) == EXIT_OK
  assert load_generator(workdir / "c", None, ema=False).step == 4


@pytest.mark.parametrize("first", ["a run of each class", "a single run"])
def test_a_run_of_each_class_and_a_single_run_share_no_folder(config, faces, first):
  config, workdir = configure(config, faces), faces / "run"
  if first == "a single run":
    write_checkpoints(workdir, [4])
    with pytest.raises(UserError, match="holds a single run"):
      train_each(config, workdir)
  else:
    write_checkpoints(workdir / "a", [4], expression="a")
    config.data.expression = None
    with pytest.raises(UserError, match="holds a run of each class"):
      train(config, workdir)


def test_data_without_classes_have_no_each(config, tmp_path):
  rng = np.random.default_rng(0)
  files = {f"{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8)) for i in range(9)}
  run(tmp_path, "folder", f"--source={folder(tmp_path / 'raw', files)}", "--name=faces")
  (tmp_path / "run" / "checkpoints").mkdir(parents=True)  # of a run that was killed at its start
  with pytest.raises(UserError, match="faces has no classes"):
    train_each(configure(config, tmp_path), tmp_path / "run")


def test_classes_without_a_training_image_have_no_each(config, tmp_path):
  rng = np.random.default_rng(0)
  files = {
    name: png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for name in ("train/1.png", "test/cat/2.png")
  }
  run(tmp_path, "folder", f"--source={folder(tmp_path / 'raw', files)}", "--name=faces")
  with pytest.raises(UserError, match="no image of faces/train has a class"):
    train_each(configure(config, tmp_path), tmp_path / "run")


def test_every_class_is_looked_at_before_the_first_is_trained(config, tmp_path):
  rng = np.random.default_rng(0)
  files = {
    f"train/{name}/{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for name, count in (("a", 9), ("b", 5), ("c", 3))
    for i in range(count)
  }
  run(tmp_path, "folder", f"--source={folder(tmp_path / 'raw', files)}", "--name=faces")
  with pytest.raises(UserError) as caught:  # a batch is 8
    train_each(configure(config, tmp_path), tmp_path / "run")
  message = str(caught.value)
  assert "8 is more than the 5 images" in message
  assert "8 is more than the 3 images" in message
  assert not (tmp_path / "run").exists()


def test_a_signal_between_two_classes_stops_before_the_next(config, faces, monkeypatch, capsys):
  def train_and_signal(one, workdir, wandb):
    os.kill(os.getpid(), signal.SIGTERM)
    return EXIT_OK

  monkeypatch.setattr("dcgan_jax.train_each.train", train_and_signal)
  assert train_each(configure(config, faces), faces / "stopped") == EXIT_INTERRUPTED
  assert "SIGTERM: stopped before c." in capsys.readouterr().err


def test_a_class_that_diverges_does_not_keep_the_others_from_training(config, faces, monkeypatch):
  seen = []

  def diverging(config, workdir, wandb):
    seen.append(config.data.expression)
    return EXIT_DIVERGED if config.data.expression == "a" else train(config, workdir)

  monkeypatch.setattr("dcgan_jax.train_each.train", diverging)
  assert train_each(configure(config, faces), faces / "run") == EXIT_DIVERGED
  assert seen == ["a", "c"]
  assert load_generator(faces / "run" / "c", None, ema=False).step == 4
