import copy

import pytest

from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError
from dcgan_jax.record import check_continues, make_record


@pytest.fixture
def record(config):
  return make_record(config, load_prepared("synthetic", "train", config.data.data_dir))


def test_a_record_tells_the_config_the_data_and_the_versions(record, config):
  assert record["config"]["batch_size"] == config.batch_size
  assert record["data"]["num_examples"] == 90
  assert record["data"]["image_shape"] == [48, 48, 1]
  assert record["data"]["class_names"][3] == "happy"
  assert {"jax", "dcgan_jax", "python"} <= record["versions"].keys()


def test_the_same_run_continues(record, tmp_path):
  check_continues(record, copy.deepcopy(record), 40, tmp_path)


@pytest.mark.parametrize(
  ("field", "value"),
  [("num_epochs", 500), ("num_steps", None), ("log_every", 1), ("steps_per_dispatch", 64)],
)
def test_how_long_and_how_often_may_change(record, tmp_path, field, value):
  changed = copy.deepcopy(record)
  changed["config"][field] = value
  check_continues(record, changed, 40, tmp_path)


def test_another_version_may_continue(record, tmp_path):
  changed = copy.deepcopy(record)
  changed["versions"]["jax"] = "99.0"
  check_continues(record, changed, 40, tmp_path)


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
def test_another_run_is_refused_with_the_difference_named(record, tmp_path, path, value, line):
  changed = copy.deepcopy(record)
  *groups, field = path
  place = changed
  for group in groups:
    place = place[group]
  place[field] = value
  with pytest.raises(UserError) as error:
    check_continues(record, changed, 40, tmp_path)
  assert line in str(error.value)
  assert "--workdir" in str(error.value)
