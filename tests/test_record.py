import copy

import numpy as np
import pytest

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError
from dcgan_jax.record import make_record, newest_step


@pytest.fixture
def record(config):
  return make_record(config, load_prepared("synthetic", "train", config.data.data_dir))


@pytest.fixture
def checkpoints(tmp_path, record):
  opened = Checkpoints(tmp_path)
  opened.save(40, {"weights": np.zeros(2, np.float32)}, record)
  opened.wait()
  yield opened
  opened.close()


def test_a_record_tells_the_config_the_data_and_the_versions(record, config):
  assert record["config"]["batch_size"] == config.batch_size
  assert record["data"]["num_examples"] == 90
  assert record["data"]["image_shape"] == [48, 48, 1]
  assert record["data"]["class_names"][3] == "happy"
  assert {"jax", "dcgan_jax", "python"} <= record["versions"].keys()


def test_a_fresh_workdir_starts_from_nothing(tmp_path, record):
  empty = Checkpoints(tmp_path)
  assert newest_step(empty, record, tmp_path) is None
  empty.close()


def test_the_same_run_resumes(checkpoints, record, tmp_path):
  assert newest_step(checkpoints, record, tmp_path) == 40


@pytest.mark.parametrize(
  ("field", "value"),
  [("num_epochs", 500), ("num_steps", None), ("log_every", 1), ("steps_per_dispatch", 64)],
)
def test_how_long_and_how_often_may_change(checkpoints, record, tmp_path, field, value):
  changed = copy.deepcopy(record)
  changed["config"][field] = value
  assert newest_step(checkpoints, changed, tmp_path) == 40


def test_another_version_may_resume(checkpoints, record, tmp_path):
  changed = copy.deepcopy(record)
  changed["versions"]["jax"] = "99.0"
  assert newest_step(checkpoints, changed, tmp_path) == 40


@pytest.mark.parametrize(
  ("path", "value", "line"),
  [
    (("config", "model", "width"), 64, "config.model.width: 2 there, 64 now"),
    (("config", "batch_size"), 16, "config.batch_size: 8 there, 16 now"),
    (("config", "seed"), 7, "config.seed: 0 there, 7 now"),
    (("data", "num_examples"), 91, "data.num_examples: 90 there, 91 now"),
    (("data", "fingerprint"), "abc", "…)' there, 'synthetic/train (abc…)' now"),
  ],
)
def test_another_run_is_refused_with_the_difference_named(
  checkpoints, record, tmp_path, path, value, line
):
  changed = copy.deepcopy(record)
  *groups, field = path
  place = changed
  for group in groups:
    place = place[group]
  place[field] = value
  with pytest.raises(UserError) as error:
    newest_step(checkpoints, changed, tmp_path)
  assert line in str(error.value)
  assert "--workdir" in str(error.value)
