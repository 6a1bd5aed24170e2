import json

import pytest

from dcgan_jax.checkup import judges
from dcgan_jax.checkup.finding import State
from dcgan_jax.data.reports import split_info
from dcgan_jax.metrics import weights
from dcgan_jax.metrics.weight_files import OFFICIAL, WHEEL_TENSORS

pytestmark = pytest.mark.usefixtures("own_caches", "in_an_empty_folder")


@pytest.fixture
def cached(monkeypatch):
  """Puts a file into the cache that passes for a known one."""

  def cached(known):
    path = weights._cached(known)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 2048)
    monkeypatch.setattr(judges, "identify", lambda path: known)
    return path

  return cached


def found(data_dir=None):
  return {finding.what: finding for finding in judges.findings(data_dir)}


def test_without_weights_the_command_that_fetches_them_is_told():
  line = found()["Inception"]
  assert (line.state, line.fix) == (State.ABSENT, "python -m dcgan_jax.metrics.weights")


def test_the_official_file_serves_everything(cached):
  path = cached(OFFICIAL)
  lines = found()
  assert (lines["Inception"].state, lines["Inception"].detail) == (State.GOOD, f"{path}, 2 KiB")
  assert "Inception Score" not in lines


def test_of_the_wheels_file_what_it_lacks_is_told_with_the_command(cached):
  cached(WHEEL_TENSORS)
  line = found()["Inception Score"]
  assert line.state is State.ABSENT
  assert line.fix == "python -m dcgan_jax.metrics.weights --source=official"


def test_a_damaged_file_is_told():
  path = weights._cached(OFFICIAL)
  path.parent.mkdir(parents=True)
  path.write_bytes(b"x")
  line = found()["Inception"]
  assert line.state is State.WRONG
  assert "not one of the known Inception weights" in line.detail


def test_a_setting_that_names_no_file_is_told(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_WEIGHTS", "/nowhere")
  assert "no such file" in found()["Inception"].detail


def test_without_a_classifier_the_command_names_a_set_that_is_there(data_dir):
  assert found(str(data_dir))["classifier"].fix == "python -m dcgan_jax.classify --data=synthetic"
  assert found("nowhere")["classifier"].fix == "python -m dcgan_jax.classify --data=fer2013"


def result(tmp_path, **changed):
  folder = tmp_path / "runs" / "classifier-synthetic"
  folder.mkdir(parents=True)
  known = {
    "data": "synthetic",
    "held_out": "test",
    "num_images": 2800,
    "accuracy": 0.75,
    "training_fingerprint": "0123",
  }
  (folder / "result.json").write_text(json.dumps(known | changed))


def test_a_classifier_is_told_with_how_good_it_is(tmp_path, data_dir):
  result(tmp_path, training_fingerprint=split_info("synthetic", "train", str(data_dir)).fingerprint)
  line = found(str(data_dir))["runs/classifier-synthetic"]
  assert line.state is State.GOOD
  assert line.detail == "recognises 75.0% of 2,800 images of synthetic/test"


def test_one_of_other_images_is_told(tmp_path, data_dir):
  result(tmp_path)
  line = found(str(data_dir))["runs/classifier-synthetic"]
  assert line.state is State.WRONG
  assert "has learnt other images than synthetic has now" in line.detail


def test_where_its_set_is_not_here_it_is_not_doubted(tmp_path):
  result(tmp_path)
  assert found("nowhere")["runs/classifier-synthetic"].state is State.GOOD


@pytest.mark.parametrize("changed", [{"accuracy": "high"}, {"num_images": None}])
def test_a_result_that_says_nothing_is_damaged(tmp_path, changed):
  result(tmp_path, **changed)
  assert "result.json is damaged" in found()["runs/classifier-synthetic"].detail


def test_a_training_that_is_not_finished_is_told_with_the_command(tmp_path):
  (tmp_path / "runs" / "classifier-fer2013").mkdir(parents=True)
  assert found()["runs/classifier-fer2013"].fix == (
    "python -m dcgan_jax.classify --data=fer2013 --out=runs/classifier-fer2013"
  )
