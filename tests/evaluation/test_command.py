import json
import shutil

import numpy as np
import pytest
from fake_extractor import FakeExtractor
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from untrained_run import write_checkpoints

from dcgan_jax.checkpoints import CheckpointError
from dcgan_jax.data import synthetic
from dcgan_jax.errors import UserError
from dcgan_jax.evaluate import main
from dcgan_jax.evaluation import command
from dcgan_jax.metrics.inception import FEATURES
from dcgan_jax.trained import load_generator

pytestmark = pytest.mark.usefixtures("own_caches")
SWD = "--metrics=swd"


def rows_of(workdir):
  lines = (workdir / "evaluation.jsonl").read_text().splitlines()
  return [json.loads(line) for line in lines]


def steps_of(workdir):
  return [row["subject"]["step"] for row in rows_of(workdir)]


def test_without_weights_the_rest_is_scored_and_two_ways_to_get_them_are_told(run, capsys):
  assert main([f"--workdir={run}", "--num=16"]) == 0
  out, err = capsys.readouterr()
  assert {row["metric"] for row in rows_of(run)} == {"memorization_pixels16_train", "swd16_train"}
  assert "swd16_train" in out
  assert "python -m dcgan_jax.metrics.weights" in err
  assert "--weights=PATH" in err


def test_a_metric_asked_for_by_name_that_cannot_be_had_is_told_by_the_exit_code(run):
  assert main([f"--workdir={run}", "--num=16", "--metrics=fid,swd"]) == 2
  assert [row["metric"] for row in rows_of(run)] == ["swd16_train"]
  with pytest.raises(UserError, match="weights are not here"):
    main([f"--workdir={run}", "--num=16", "--metrics=fid"])


def test_the_newest_checkpoint_one_or_all_are_scored(run):
  for flags, steps in (([], [12]), (["--step=4"], [12, 4]), (["--all"], [12, 4, 8])):
    assert main([f"--workdir={run}", "--num=16", SWD, *flags]) == 0
    assert steps_of(run) == steps


def test_what_was_scored_is_told_again_without_drawing_a_sample(run, capsys, monkeypatch):
  arguments = [f"--workdir={run}", "--num=16", "--metrics=swd,memorization"]
  main(arguments)
  first, rows = capsys.readouterr().out, rows_of(run)
  monkeypatch.setattr(command, "load_generator", None)
  main(arguments)
  assert capsys.readouterr().out == first
  assert rows_of(run) == rows


def test_another_number_seed_or_the_averaged_weights_are_scores_of_their_own(run):
  for flags in (["--num=16"], ["--num=12,16"], ["--seed=1", "--num=16"], ["--ema", "--num=16"]):
    main([f"--workdir={run}", SWD, *flags])
  rows = rows_of(run)
  told = [(row["metric"], row["request"]["seed"], row["subject"]["generator"]) for row in rows]
  assert told == [
    ("swd16_train", 0, "raw"),
    ("swd12_train", 0, "raw"),
    ("swd16_train", 1, "raw"),
    ("swd16_train", 0, "ema"),
  ]
  assert len({row["value"] for row in rows}) == 4


def test_several_numbers_share_their_samples_and_the_features_of_them(run, monkeypatch):
  extractor = FakeExtractor(FEATURES, "f" * 64)
  monkeypatch.setattr(command, "_extractor", lambda options: extractor)
  arguments = [f"--workdir={run}", "--metrics=fid"]
  main([*arguments, "--num=8,16,24"])
  assert extractor.images_seen == 100 + 24  # 90 training and 10 test images, once, and the samples
  main([*arguments, "--num=8,12,24"])
  assert extractor.images_seen == 100 + 24 + 12  # no more than the missing number needs


def test_several_references_share_their_samples(run, monkeypatch, capsys):
  extractor = FakeExtractor(FEATURES, "f" * 64)
  monkeypatch.setattr(command, "_extractor", lambda options: extractor)
  arguments = [f"--workdir={run}", "--metrics=fid", "--num=16"]
  assert main([*arguments, "--reference=train,test"]) == 0
  assert extractor.images_seen == 100 + 16  # 90 training and 10 test images, and the samples once
  assert [row["metric"] for row in rows_of(run) if row["value"]] == ["fid16_train", "fid16_test"]
  out = capsys.readouterr().out
  assert "against synthetic/train, 90 images" in out
  assert "against synthetic/test, 10 images" in out


def test_all_metrics_carry_their_protocol_and_are_in_tensorboard(run, weights, capsys):
  assert main([f"--workdir={run}", "--num=16"]) == 0
  rows = {row["metric"]: row for row in rows_of(run)}
  assert rows.pop("fid_infinity16_train")["value"] is None
  assert set(rows) == {
    "fid16_train", "kid16_train", "is16", "precision16_train", "recall16_train",
    "density16_train", "coverage16_train", "memorization_inception16_train",
    "memorization_pixels16_train", "swd16_train",
  }  # fmt: skip
  fid = rows["fid16_train"]
  # 90 training and 10 test faces of unknown subjects: no floor by subject.
  kinds = [(f["kind"], f["num"], f["against"]) for f in fid["details"]["floors"]]
  assert kinds == [("disjoint", 16, 74), ("copier", 16, 90), ("held out", 10, 90)]
  assert fid["request"]["num"] == 16
  assert fid["request"]["reference"]["name"] == "train"
  assert len(fid["request"]["inception_sha256"]) == 64
  assert "fid_infinity16_train" in capsys.readouterr().out  # with its refusal
  folder, sizes = run / "tensorboard" / "evaluation", {"tensors": 0, "images": 0}
  shown = {
    tag
    for file in folder.iterdir()
    for tag in EventAccumulator(str(file), size_guidance=sizes).Reload().Tags()["tensors"]
  }
  scalars = {f"{name}/raw" for name, row in rows.items() if row["value"] is not None}
  assert shown == scalars | {
    f"memorization_{x}16_train/raw/picture" for x in ("pixels", "inception")
  }
  picture = Image.open(run / "evaluation" / "00000012_raw_memorization_inception16_train.png")
  assert picture.size[0] > 96


def test_for_a_second_checkpoint_no_real_image_s_features_are_computed(run, weights, monkeypatch):
  arguments = [f"--workdir={run}", "--num=16"]
  main([*arguments, "--step=4"])

  def refuse(*arguments):
    raise AssertionError("features of real images were computed again")

  monkeypatch.setattr("dcgan_jax.data.prepared.load_prepared", refuse)
  monkeypatch.setattr("dcgan_jax.evaluation.reference.Reference._stream", refuse)
  main([*arguments, "--step=8"])
  assert len(rows_of(run)) == 22


def test_a_folder_of_the_runs_own_samples_scores_as_the_run_does(run, tmp_path, data_dir):
  from dcgan_jax.sample import sample

  sample([f"--workdir={run}", "--num=16", "--format=png", f"--out={tmp_path / 'faces'}"])
  metric = "--metrics=memorization"  # of all images, whatever their order
  main([f"--workdir={run}", "--num=16", metric])
  out = tmp_path / "scores.jsonl"
  arguments = [f"--images={tmp_path / 'faces'}", "--data=synthetic", f"--data-dir={data_dir}"]
  assert main([*arguments, metric, f"--out={out}"]) == 0
  row = json.loads(out.read_text())
  assert row["value"] == pytest.approx(rows_of(run)[0]["value"])
  assert row["subject"]["images"] == str(tmp_path / "faces")


def test_of_a_folder_s_other_images_no_features_are_computed(run, tmp_path, data_dir, monkeypatch):
  from dcgan_jax.sample import sample

  extractor = FakeExtractor(FEATURES, "f" * 64)
  monkeypatch.setattr(command, "_extractor", lambda options: extractor)
  path = tmp_path / "faces.npz"
  sample([f"--workdir={run}", "--num=24", "--format=npz", f"--out={path}"])
  arguments = [f"--images={path}", "--data=synthetic", f"--data-dir={data_dir}", "--num=8,12"]
  assert main([*arguments, "--metrics=fid", "--reference=train,test"]) == 0
  assert extractor.images_seen == 100 + 12  # 90 training and 10 test images, and the largest --num


def test_numbers_that_come_to_the_same_samples_are_one_score(run, weights, monkeypatch):
  monkeypatch.setattr("dcgan_jax.evaluation.scoring._PRDC_IMAGES", 90)
  arguments = [f"--workdir={run}", "--metrics=swd,prdc"]
  main([*arguments, "--num=90"])
  first = rows_of(run)
  names = ("swd", "precision", "recall", "density", "coverage")
  assert [row["metric"] for row in first] == [f"{name}90_train" for name in names]
  monkeypatch.setattr(command, "load_generator", None)
  # 90 real images: no more samples are compared with them, and the first 90 are the same.
  assert main([*arguments, "--num=100,120"]) == 0
  assert rows_of(run) == first


def test_memorization_without_weights_is_of_pixels_and_tells_how_to_get_them(run, capsys):
  assert main([f"--workdir={run}", "--num=16", "--metrics=memorization"]) == 0
  err = capsys.readouterr().err
  assert "python -m dcgan_jax.metrics.weights" in err
  assert "memorization: measured in pixels alone" in err


def test_statistics_of_pytorch_fid_serve_as_a_reference(run, weights, tmp_path, capsys):
  rng = np.random.default_rng(0)
  features = rng.normal(size=(50, 2048))
  path = tmp_path / "theirs.npz"
  np.savez(path, mu=features.mean(0), sigma=np.cov(features, rowvar=False))
  arguments = [f"--workdir={run}", "--num=16", f"--reference={path}", "--resize=pytorch"]
  assert main([*arguments, "--metrics=fid,kid"]) == 2
  assert [row["metric"] for row in rows_of(run) if row["value"]] == ["fid_pytorch16_theirs"]
  assert "kid: needs images" in capsys.readouterr().err


def test_data_alone_gives_the_floors(weights, data_dir, capsys):
  assert main(["--data=synthetic", f"--data-dir={data_dir}", "--num=20"]) == 0
  out = capsys.readouterr().out
  assert "other images of the set, 20 against 70" in out
  assert "a copier of the training set, 20 against 90" in out
  assert "synthetic/test, 10 against 90" in out


def test_a_checkpoint_deleted_meanwhile_leaves_the_others_scored(run, monkeypatch, capsys):
  def load(workdir, step, ema):
    if step == 8:
      raise CheckpointError("checkpoint 8 was deleted while it was being read.")
    return load_generator(workdir, step, ema)

  monkeypatch.setattr(command, "load_generator", load)
  assert main([f"--workdir={run}", "--num=16", SWD, "--all"]) == 2
  assert steps_of(run) == [4, 12]
  assert "not scored: checkpoint 8 was deleted" in capsys.readouterr().err


def test_where_the_newest_checkpoint_is_damaged_the_one_before_it_is_scored(run, capsys):
  (run / "checkpoints" / "12" / "state" / "manifest.ocdbt").unlink()
  assert main([f"--workdir={run}", "--num=16", SWD]) == 0
  assert steps_of(run) == [8]
  out, err = capsys.readouterr()
  assert f"{run}, step 8, raw weights" in out
  assert "checkpoints/12: the checkpoint is damaged: " in err
  assert "Going back to the checkpoint before it, of step 8." in err
  with pytest.raises(UserError, match="12: the checkpoint is damaged"):
    main([f"--workdir={run}", "--num=16", SWD, "--step=12"])
  assert main([f"--workdir={run}", "--num=16", SWD, "--all"]) == 2
  assert steps_of(run) == [8, 4]


def test_a_run_made_anew_in_the_same_folder_is_another(run, data_dir):
  arguments = [f"--workdir={run}", "--num=16", "--step=8", SWD]
  main(arguments)
  shutil.rmtree(run / "checkpoints")
  write_checkpoints(run, [8], data_dir)
  main(arguments)
  first, second = (row["subject"] for row in rows_of(run))
  assert first["step"] == second["step"] == 8
  assert first["saved_at"] < second["saved_at"]


def test_a_run_can_be_compared_with_another_set_without_its_own_being_there(run, tmp_path, capsys):
  for i, image in enumerate(synthetic.render(seed=0, start=0, stop=12).images):
    path = tmp_path / "train" / f"{i}.png"
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(image[..., 0]).save(path)
  arguments = [f"--workdir={run}", f"--reference={tmp_path / 'train'}", f"--data-dir={tmp_path}"]
  assert main([*arguments, "--num=12"]) == 0
  # Not swd12_train: that is against the run's own training split.
  assert [row["metric"] for row in rows_of(run)] == [f"swd12_{tmp_path.name}-train"]
  assert "memorization: data set 'synthetic' is not prepared" in capsys.readouterr().err


def test_what_needs_no_weights_does_not_look_at_them(run, tmp_path, monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_WEIGHTS", str(tmp_path / "none"))
  assert main([f"--workdir={run}", "--num=16", SWD]) == 0
