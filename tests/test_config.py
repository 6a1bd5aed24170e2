import numpy as np
import pytest

from dcgan_jax import config as configs
from dcgan_jax.config_files import reference
from dcgan_jax.data.prepared import Prepared
from dcgan_jax.errors import UserError
from dcgan_jax.models.build import CONDITIONAL


def mistakes(config, devices=1):
  with pytest.raises(UserError) as error:
    configs.check(config, devices)
  return str(error.value)


def test_the_default_config_is_sound():
  configs.check(reference(), 8)


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


@pytest.mark.parametrize(
  ("field", "value", "message"),
  [
    ("model.channels", 2, "2 is not one of 1, 3"),
    ("model.latent_distribution", "gamma", "'gamma' is not one of normal, uniform"),
    ("data.placement", "disk", "'disk' is not one of auto, device, host"),
    ("precision", "bf16", "'bf16' is not one of float32, bfloat16, mixed_bfloat16"),
    ("loss.adversarial", "hing", "'hing' is not one of cross_entropy, hinge, wasserstein"),
    ("loss.fake_classes", "any", "'any' is not one of uniform, data"),
    ("loss.label_smoothing", 1.0, "outside 0 to 1"),
    ("loss.r1", -1.0, "not 0 or above"),
    ("loss.gradient_penalty", float("inf"), "not 0 or above"),
    ("loss.class_weight", float("nan"), "not 0 or above"),
    ("loss.generator_class_weight", -0.1, "not 0 or above"),
    ("optimizer.discriminator_learning_rate", -1e-4, "not above 0"),
    ("augmentation", "color,zoom", "'zoom' is not one of color, translation, cutout, flip"),
    ("augmentation_start", -1, "-1 is below 0"),
    ("augmentation_ramp", -1, "-1 is below 0"),
    ("augmentation_start", 10, "config.augmentation names nothing that would wait"),
    ("augmentation_ramp", 10, "config.augmentation names nothing that would wait"),
    ("loss.classify_fakes", True, "pixelnorm_dcgan does not classify"),
  ],
)
def test_a_value_that_means_nothing_is_named(config, field, value, message):
  config.update_from_flattened_dict({field: value})
  text = mistakes(config)
  assert f"config.{field}: " in text
  assert message in text


def test_a_flag_that_is_no_flag_is_named(config):
  with config.ignore_type():
    config.model.spectral_norm = 1
  assert "config.model.spectral_norm: 1 is not True or False" in mistakes(config)


def faces(shape, labels=None, class_names=()):
  images = np.zeros(shape, np.uint8)
  labels = np.full(shape[0], -1, np.int32) if labels is None else np.int32(labels)
  return Prepared(images, labels, class_names, ("",) * len(images), ("",) * len(images), None, "")


@pytest.mark.parametrize(
  ("shape", "message"),
  [
    ((9, 64, 64, 1), "image_size: the model is for 48×48 pixels, synthetic/train has 64×64"),
    ((9, 48, 40, 1), "image_size: the model is for 48×48 pixels, synthetic/train has 48×40"),
    ((9, 48, 48, 3), r"channels: the model is for gray images \(1\), .* has colour ones \(3\)"),
    ((7, 48, 48, 1), "batch_size: 8 is more than the 7 images of synthetic/train"),
  ],
)
def test_images_that_the_model_is_not_for_are_told(config, shape, message):
  with pytest.raises(UserError, match=message):
    configs.check_against_data(config, faces(shape))


def test_a_colour_model_is_not_for_gray_images(config):
  config.model.channels = 3
  with pytest.raises(UserError, match=r"for colour images \(3\), .* has gray ones \(1\)"):
    configs.check_against_data(config, faces((9, 48, 48, 1)))


def test_a_run_that_goes_on_after_the_rates_have_fallen_to_zero_is_refused(config):
  # 9 images in batches of 3, 4 epochs: 12 steps.
  config.batch_size, config.num_epochs, config.optimizer.decay_steps = 3, 4, 12
  configs.check_against_data(config, faces((9, 48, 48, 1)))
  config.optimizer.decay_steps = 11
  with pytest.raises(UserError, match=r"decay_steps: nothing is learnt after step 11.* has 12\."):
    configs.check_against_data(config, faces((9, 48, 48, 1)))


def test_a_size_that_no_architecture_can_have_is_told(config):
  config.model.image_size = 50
  with pytest.raises(UserError, match="multiple of 16"):
    configs.check_against_data(config, faces((9, 50, 50, 1)))


@pytest.mark.parametrize("model", CONDITIONAL)
def test_a_conditional_model_needs_classes(config, model):
  config.model.name = model
  with pytest.raises(UserError, match=f"{model} needs labelled images"):
    configs.check_against_data(config, faces((9, 48, 48, 1)))


def test_a_conditional_model_needs_a_class_for_every_image(config):
  config.model.name = "cgan"
  labels = [0, 1, -1, 0, 1, 0, -1, 1, 1]
  with pytest.raises(UserError, match="2 images of synthetic/train have no class"):
    configs.check_against_data(config, faces((9, 48, 48, 1), labels, ("happy", "sad")))


def test_an_older_config_gets_the_fields_that_came_later():
  old = reference().to_dict()
  old["batch_size"] = 12
  del old["augmentation"], old["model"]["spectral_norm"], old["loss"]
  completed = configs.completed(old)
  expected = reference()
  expected.batch_size = 12
  assert completed.to_dict() == expected.to_dict()


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
  assert configs.total_steps(reference(), 28_821) == 180_132


# So that Ctrl-C is answered after at most 128 images, or a batch where that is more.
@pytest.mark.parametrize(("batch_size", "steps"), [(8, 8), (16, 8), (48, 2), (128, 1), (512, 1)])
def test_dispatches_are_short_on_a_cpu(config, batch_size, steps):
  config.steps_per_dispatch, config.batch_size = None, batch_size
  assert configs.steps_per_dispatch(config, "cpu") == steps


def test_dispatches_are_long_elsewhere_and_as_asked(config):
  config.steps_per_dispatch = None
  assert configs.steps_per_dispatch(config, "tpu") == 100
  config.steps_per_dispatch = 3
  assert configs.steps_per_dispatch(config, "tpu") == 3


def test_no_dispatch_is_longer_than_an_interval(config):
  config.steps_per_dispatch = 8
  config.log_every, config.sample_every, config.checkpoint_every = 6, 5, 7
  assert configs.longest_dispatch(config, "cpu") == 5
  config.sample_every = 50
  assert configs.longest_dispatch(config, "cpu") == 6
