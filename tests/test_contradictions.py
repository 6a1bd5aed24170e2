import pytest

from dcgan_jax import config as configs
from dcgan_jax.errors import UserError


def mistakes(config):
  with pytest.raises(UserError) as error:
    configs.check(config, 1)
  return str(error.value)


def test_flips_alone_wait_for_nothing(config):
  config.augmentation, config.augmentation_start = "flip", 10
  assert "config.augmentation_start: config.augmentation names nothing" in mistakes(config)
  config.augmentation = "flip,translation"
  configs.check(config, 1)


@pytest.mark.parametrize("penalty", ["r1", "gradient_penalty"])
def test_a_gradient_penalty_needs_a_discriminator_without_batchnorm(config, penalty):
  config.loss[penalty] = 10.0
  assert "Set config.model.discriminator_batch_norm=False" in mistakes(config)
  config.model.discriminator_batch_norm = False
  configs.check(config, 1)


def test_the_cgan_s_discriminator_has_no_batchnorm_to_leave_out(config):
  config.model.name, config.loss.r1 = "cgan", 1.0
  configs.check(config, 1)
  config.model.classifier = "runs/classifier"  # whose judges have
  assert "Set config.model.discriminator_batch_norm=False" in mistakes(config)


def test_wgan_s_penalty_and_augmentation_exclude_each_other(config):
  config.model.discriminator_batch_norm, config.loss.gradient_penalty = False, 10.0
  configs.check(config, 1)
  config.augmentation = "color"
  assert "config.loss.gradient_penalty: it asks for a slope of 1" in mistakes(config)


def test_wasserstein_needs_something_that_bounds_it(config):
  config.loss.adversarial = "wasserstein"
  assert "config.loss.adversarial: wasserstein grows without bound" in mistakes(config)
  config.model.spectral_norm, config.model.discriminator_batch_norm = True, False
  configs.check(config, 1)


def test_spectral_normalisation_needs_a_discriminator_without_batchnorm(config):
  config.model.spectral_norm = True
  assert "config.model.spectral_norm: BatchNorm divides out" in mistakes(config)
  config.model.name = "cgan"  # has none
  configs.check(config, 1)


@pytest.mark.parametrize(
  ("field", "value", "right"),
  [
    ("class_weight", 0.5, "acgan"),
    ("generator_class_weight", 0.5, "acgan"),
    ("classify_fakes", True, "acgan"),
    ("fake_classes", "data", "cgan"),
  ],
)
def test_a_field_that_the_model_has_no_use_for_is_refused(config, field, value, right):
  config.loss[field] = value
  assert f"config.loss.{field}: pixelnorm_dcgan " in mistakes(config)
  config.model.name = right
  configs.check(config, 1)


def test_only_the_cross_entropy_has_labels_to_smooth(config):
  config.loss.label_smoothing = 0.1
  configs.check(config, 1)
  config.loss.adversarial = "hinge"
  assert "config.loss.label_smoothing: hinge knows no labels" in mistakes(config)


def test_a_model_of_all_classes_is_not_trained_on_one(config):
  config.data.expression = "happy"
  configs.check(config, 1)
  config.model.name = "cgan"
  assert "config.data.expression: cgan learns all classes at once" in mistakes(config)


def test_a_generator_answers_for_no_classes_that_nobody_learns(config):
  config.model.name = "acgan"
  config.loss.class_weight, config.loss.generator_class_weight = 0.0, 0.1
  text = mistakes(config)
  assert "config.loss.generator_class_weight: with config.loss.class_weight=0 nobody" in text
