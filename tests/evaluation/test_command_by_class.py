"""The command on samples that were asked to be of a class."""

import numpy as np
import pytest
from fake_extractor import FakeExtractor
from PIL import Image
from untrained_run import write_checkpoints

from dcgan_jax.data import synthetic
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.drawing import usual_inputs
from dcgan_jax.ending import mark_diverged
from dcgan_jax.errors import UserError
from dcgan_jax.evaluate import main
from dcgan_jax.evaluation import command
from dcgan_jax.metrics.inception import FEATURES
from dcgan_jax.trained import load_generator

pytestmark = pytest.mark.usefixtures("own_caches")
SWD = "--metrics=swd"


@pytest.fixture
def of_two_classes(tmp_path):
  """Flags for a folder of samples and one of real images, of class0 and class1 both."""
  for split, start in (("fake", 0), ("real", 24)):
    faces = synthetic.render(seed=0, start=start, stop=start + 24)
    for i, (image, label) in enumerate(zip(faces.images, faces.labels, strict=True)):
      path = tmp_path / split / f"class{label % 2}" / f"{i}.png"
      path.parent.mkdir(parents=True, exist_ok=True)
      Image.fromarray(image[..., 0]).save(path)
  return [f"--images={tmp_path / 'fake'}", f"--reference={tmp_path / 'real'}"]


def test_each_class_of_a_labelled_folder_is_compared_with_its_own(of_two_classes, weights, capsys):
  arguments = of_two_classes
  assert main([*arguments, "--metrics=swd", "--per-class"]) == 2  # the classes are too small
  out = capsys.readouterr().out
  assert "fid12_real/class0" in out
  assert "FID needs 2,048 of each" in out
  assert "KID needs 100 of each" in out


def test_classes_that_are_all_refused_are_told_by_the_exit_code(of_two_classes, weights):
  assert main([*of_two_classes, "--per-class"]) == 2


def test_what_nobody_named_is_not_told_by_the_exit_code(tmp_path, monkeypatch):
  # 100 of each class are enough for KID by class; the other metrics are the usual ones.
  images = np.random.default_rng(0).integers(0, 256, (200, 16, 16, 1), dtype=np.uint8)
  labels, names = np.arange(200) % 2, np.array(["cat", "dog"])
  np.savez(tmp_path / "faces.npz", images=images, labels=labels, class_names=names)
  extractor = FakeExtractor(FEATURES, has_logits=False)  # so there is no Inception Score
  monkeypatch.setattr(command, "_extractor", lambda options: extractor)
  arguments = [f"--images={tmp_path / 'faces.npz'}", f"--reference={tmp_path / 'faces.npz'}"]
  assert main([*arguments, "--per-class"]) == 0


def test_a_renamed_class_is_scored_anew(of_two_classes, tmp_path, weights, capsys):
  (tmp_path / "fake" / "class1").rename(tmp_path / "fake" / "class2")
  arguments = [*of_two_classes, "--per-class", "--metrics=swd", f"--out={tmp_path / 'scores'}"]
  main(arguments)
  count = len(list((tmp_path / "real" / "class1").iterdir()))
  assert f"0 samples, {count} real" in capsys.readouterr().out
  (tmp_path / "fake" / "class2").rename(tmp_path / "fake" / "class1")  # the labels are the same
  main(arguments)
  assert f" 0 samples, {count} real" not in capsys.readouterr().out


def test_samples_of_a_model_with_classes_are_scored_by_class(tmp_path, weights, data_dir, capsys):
  write_checkpoints(tmp_path / "run", [4], data_dir, model="cgan")
  arguments = [f"--workdir={tmp_path / 'run'}", "--metrics=fid", "--num=40", "--per-class"]
  assert main(arguments) == 2  # the classes are too small
  out = capsys.readouterr().out
  generator = load_generator(tmp_path / "run", None, ema=False)
  counts = generator.record["data"]["class_counts"]
  assert len(generator.class_names) == len(counts) == 7
  drawn = np.asarray(usual_inputs(generator, 0)(0, 40)[1]).sum(axis=0).astype(int)
  for name, asked, real in zip(generator.class_names, drawn, counts, strict=True):
    assert f"kid{asked}_train/{name}" in out
    assert f"{asked} samples, {real} real: KID needs 100 of each" in out


def test_a_model_of_one_class_is_compared_with_that_class_alone(
  tmp_path, weights, data_dir, capsys
):
  write_checkpoints(tmp_path / "run", [4], data_dir, expression="sad")
  arguments = [f"--workdir={tmp_path / 'run'}", "--num=4", "--reference=train,test"]
  assert main([*arguments, "--metrics=fid,memorization"]) == 0
  faces = load_prepared("synthetic", "train", str(data_dir))
  count = int((faces.labels == faces.class_names.index("sad")).sum())
  out = capsys.readouterr().out
  assert f"against synthetic/train/sad, {count} images" in out
  assert "fid4_train_sad" in out
  assert "fid4_test_sad" in out
  assert "memorization_pixels4_train_sad" in out


def test_of_a_run_of_each_class_one_is_scored(tmp_path, data_dir):
  write_checkpoints(tmp_path / "each" / "sad", [4], data_dir, expression="sad")
  for flags in ([], ["--follow"]):
    with pytest.raises(
      UserError, match=r"holds a model for each of sad.\nScore one of them: .*/sad"
    ):
      main([f"--workdir={tmp_path / 'each'}", SWD, *flags])


def test_what_is_waited_for_may_turn_out_to_be_a_run_of_each_class(tmp_path, data_dir, monkeypatch):
  def train_meanwhile(seconds):
    write_checkpoints(tmp_path / "each" / "sad", [4], data_dir, expression="sad")

  monkeypatch.setattr(command.time, "sleep", train_meanwhile)
  with pytest.raises(UserError, match=r"holds a model for each of sad"):
    main([f"--workdir={tmp_path / 'each'}", SWD, "--follow"])


def test_a_training_that_diverged_before_its_first_checkpoint_is_not_waited_for(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(command.time, "sleep", lambda seconds: mark_diverged(tmp_path / "run", 0))
  (tmp_path / "run").mkdir()
  with pytest.raises(UserError, match="its training has ended without a checkpoint"):
    main([f"--workdir={tmp_path / 'run'}", SWD, "--follow"])


def test_a_class_without_held_out_images_is_scored_all_the_same(tmp_path, data_dir, capsys):
  # The ten test faces have no angry one.
  write_checkpoints(tmp_path / "angry", [4], data_dir, expression="angry")
  assert main([f"--workdir={tmp_path / 'angry'}", "--num=4", SWD]) == 0
  assert "swd4_train_angry" in capsys.readouterr().out
