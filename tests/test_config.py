import pytest

from dcgan_jax import config as configs
from dcgan_jax.errors import UserError


def mistakes(config, devices=1):
  with pytest.raises(UserError) as error:
    configs.check(config, devices)
  return str(error.value)


def test_the_default_config_is_sound():
  configs.check(configs.reference(), 8)


def test_every_mistake_is_named_in_one_message(config):
  config.batch_size = 0
  config.num_epochs = -1
  config.model.name = "stylegan9"
  config.optimizer.b1 = 1.5
  config.seed = -2
  message = mistakes(config)
  for field in ("batch_size", "num_epochs", "model.name", "optimizer.b1", "seed"):
    assert f"config.{field}:" in message


def test_a_misspelt_field_is_named_with_the_one_that_was_meant(config):
  config.bach_size = 4
  assert "config.bach_size: no such field. Did you mean config.batch_size?" in mistakes(config)


def test_a_misspelt_field_hides_no_other_mistake(config):
  config.bach_size = 4
  config.batch_size = 0
  message = mistakes(config)
  assert "config.bach_size" in message
  assert "config.batch_size: 0 is below 1" in message


def test_a_misspelt_field_in_a_group_is_named(config):
  config.optimizer.learnig_rate = 1e-3
  assert "Did you mean config.optimizer.learning_rate?" in mistakes(config)


def test_a_missing_field_is_named(config):
  del config["ema_decay"]
  assert "config.ema_decay: missing" in mistakes(config)


def test_a_wrong_type_is_named(config):
  with config.ignore_type():
    config.batch_size = "16"
  assert "config.batch_size: '16' is not a whole number" in mistakes(config)


@pytest.mark.parametrize(("batch", "nearest"), [(12, 16), (3, 8), (17, 16)])
def test_a_batch_that_does_not_divide_over_the_devices_names_the_nearest_that_does(
  config, batch, nearest
):
  config.batch_size = batch
  assert f"over 8 devices. The nearest that does: {nearest}." in mistakes(config, devices=8)


@pytest.mark.parametrize("field", ["learning_rate"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_learning_rate_must_be_positive_and_finite(config, field, value):
  config.optimizer[field] = value
  assert f"config.optimizer.{field}" in mistakes(config)


def test_images_of_another_size_do_not_fit(config):
  with pytest.raises(UserError, match="multiple of 16"):
    configs.check_against_data(config, (50, 50, 1), 100)


def test_a_batch_larger_than_the_data_is_refused(config):
  with pytest.raises(UserError, match="8 is more than the 7 images of synthetic/train"):
    configs.check_against_data(config, (48, 48, 1), 7)


def test_a_run_is_its_epochs_or_its_steps_whichever_end_first(config):
  config.num_epochs, config.num_steps = 3, None
  # 3 epochs of 90 images in batches of 8: 33.75, so that the 34th batch completes them.
  assert configs.total_steps(config, 90) == 34
  config.num_steps = 10
  assert configs.total_steps(config, 90) == 10
  config.num_steps = 1000
  assert configs.total_steps(config, 90) == 34


def test_ex2_makes_the_papers_number_of_updates():
  # 100 epochs of 28,821 images in batches of 16: 180,131.25.
  assert configs.total_steps(configs.reference(), 28_821) == 180_132


def test_dispatches_are_short_on_a_cpu_and_long_elsewhere(config):
  config.steps_per_dispatch = None
  assert configs.steps_per_dispatch(config, "cpu") == 8
  assert configs.steps_per_dispatch(config, "tpu") == 100
  config.steps_per_dispatch = 3
  assert configs.steps_per_dispatch(config, "tpu") == 3
