"""What the evaluation refuses, and how it says so."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.errors import UserError
from dcgan_jax.evaluate import main

pytestmark = pytest.mark.usefixtures("own_caches")
SWD = "--metrics=swd"


def test_statistics_without_the_resize_are_refused(run, weights, tmp_path):
  path = tmp_path / "theirs.npz"
  np.savez(path, mu=np.zeros(2048), sigma=np.eye(2048))
  with pytest.raises(UserError, match=r"theirs\.npz: .*\n.*--resize=pytorch"):
    main([f"--workdir={run}", "--num=16", "--metrics=fid", f"--reference={path}"])


def test_a_busy_accelerator_is_a_message_with_the_way_round_it(run, monkeypatch):
  def devices():
    raise RuntimeError("Unable to initialize backend 'tpu': in use by process 123")

  monkeypatch.setattr("jax.devices", devices)
  with pytest.raises(UserError, match=r"in use by process 123\n.*--device=cpu"):
    main([f"--workdir={run}", SWD])


def test_other_data_than_the_run_was_trained_on_are_refused(run, data_dir, tmp_path):
  other = shutil.copytree(data_dir, tmp_path / "other")
  report = next(other.glob("synthetic/*/report.json"))
  text = report.read_text()
  content = json.loads(text)
  content["splits"]["train"]["fingerprint"] = "f" * 64
  report.write_text(json.dumps(content))
  with pytest.raises(UserError, match="holds other images than this run was trained on"):
    main([f"--workdir={run}", f"--data-dir={other}", SWD])


def test_of_a_folder_fewer_images_can_be_asked_for_but_not_more(run, tmp_path, data_dir):
  from dcgan_jax.sample import sample

  path = tmp_path / "faces.npz"
  sample([f"--workdir={run}", "--num=16", "--format=npz", f"--out={path}"])
  arguments = [f"--images={path}", "--data=synthetic", f"--data-dir={data_dir}", SWD]
  out = tmp_path / "scores.jsonl"
  assert main([*arguments, "--num=12", f"--out={out}"]) == 0
  assert json.loads(out.read_text())["num"] == 12
  with pytest.raises(UserError, match=r"--num=17: .* holds 16 images"):
    main([*arguments, "--num=17"])


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["--workdir={run}", "--step=5", SWD], "no checkpoint of step 5; there are 4, 8, 12"),
    (["--workdir={tmp}", SWD], "not a run's folder"),
    (["--workdir={run}", "--reference={tmp}/empty", SWD], "empty"),
    (["--workdir={run}", "--reference={tmp}/mixed", SWD], "mixed"),
    (["--workdir={run}", "--reference=validation", SWD], "no split 'validation'"),
    (["--workdir={run}", "--reference=train,nowhere", SWD], "nowhere"),
    (["--workdir={run}", "--weights={tmp}/broken.pth"], "broken.pth"),
    (["--workdir={run}", "--weights={tmp}/none.pth"], "none.pth"),
    (["--workdir={run}", "--out={tmp}", SWD], "--out"),
  ],
)
def test_a_mistake_in_the_data_is_named(run, tmp_path, arguments, words):
  (tmp_path / "empty").mkdir()
  (tmp_path / "mixed").mkdir()
  for side in (48, 32):
    Image.new("L", (side, side)).save(tmp_path / "mixed" / f"{side}.png")
  (tmp_path / "broken.pth").write_bytes(b"PK\x03\x04 and then nothing")
  filled = [argument.format(run=run, tmp=tmp_path) for argument in arguments]
  with pytest.raises(UserError, match=words):
    main(filled)
