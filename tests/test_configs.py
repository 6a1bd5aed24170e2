"""The experiments: each loads, is sound, and says what Table 1 of the paper says."""

import importlib.util
import pathlib

import pytest

from dcgan_jax import config as configs_module
from dcgan_jax.config_files import make_configs_importable

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"
NAMES = sorted(path.stem for path in CONFIGS.glob("*.py"))


def load(name):
  path = CONFIGS / f"{name}.py"
  make_configs_importable(str(path))
  spec = importlib.util.spec_from_file_location(f"config_{name}", path)
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module


@pytest.mark.parametrize("name", NAMES)
def test_every_config_is_sound(name):
  configs_module.check(load(name).get_config(), 8)


@pytest.mark.parametrize("name", NAMES)
def test_every_config_opens_with_its_command(name):
  docstring = load(name).__doc__
  assert f"--config=configs/{name}.py" in docstring or f"{name}.sh" in docstring


# Table 1: epochs, batch, data, FID and IS.
TABLE = {
  "ex1": (100, 8, "fer2013", "FID 111, IS 2"),
  "ex2": (100, 16, "fer2013", "FID 88, IS 3"),
  "ex3": (150, 16, "fer2013", "FID 107, IS 1.85"),
  "ex4": (50, 8, "ckplus", "FID 50, IS 1.9"),
  "ex5": (100, 8, "ckplus", "FID 0.5, IS 2"),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_five_experiments_are_those_of_table_1(name):
  epochs, batch, data, result = TABLE[name]
  module = load(name)
  config = module.get_config()
  assert (config.num_epochs, config.batch_size, config.data.name) == (epochs, batch, data)
  assert result in module.__doc__
  assert (config.optimizer.learning_rate, config.optimizer.b1) == (2e-4, 0.5)
  assert (config.model.latent_size, config.model.width) == (100, 64)
  # None of the tools that stabilise training: the papers had none.
  assert (config.loss.adversarial, config.loss.label_smoothing) == ("cross_entropy", 0)
  assert (config.loss.r1, config.loss.gradient_penalty, config.augmentation) == (0, 0, "")
  assert config.model.discriminator_batch_norm
  assert not config.model.spectral_norm
  assert config.optimizer.discriminator_learning_rate is None


# What the sources say of the others: batch, learning rate, image side and channels, latents.
OTHERS = {
  "radford_fer2013": (128, 2e-4, 48, 1, "normal"),
  "radford_celeba": (128, 2e-4, 64, 3, "normal"),
  "faces64": (64, 3e-4, 64, 3, "uniform"),
  "cgan_fer2013": (128, 2e-4, 48, 1, "normal"),
  "acgan_fer2013": (64, 2e-4, 48, 1, "normal"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_systems_are_those_of_their_sources(name):
  config = load(name).get_config()
  model = config.model
  found = (model.image_size, model.channels, model.latent_distribution)
  assert (config.batch_size, config.optimizer.learning_rate, *found) == OTHERS[name]
  assert (config.optimizer.b1, model.latent_size) == (0.5, 100)
  assert config.loss.adversarial == "cross_entropy"


@pytest.mark.parametrize(
  ("name", "epochs"), [("radford_fer2013", 50), ("radford_celeba", 25), ("faces64", 100)]
)
def test_epochs_are_those_of_the_sources(name, epochs):
  assert load(name).get_config().num_epochs == epochs


def test_a_projection_sees_each_class_as_often_among_fakes_as_among_real_images():
  assert load("projection_fer2013").get_config().loss.fake_classes == "data"


def test_the_acgans_generator_answers_for_the_class_a_tenth_as_much_as_its_judge():
  loss = load("acgan_fer2013").get_config().loss
  assert (loss.class_weight, loss.generator_class_weight) == (1.0, 0.1)
  assert not loss.classify_fakes


def test_the_strong_config_sees_less_than_half_a_million_images_and_learns_till_the_last():
  config = load("strong_fer2013").get_config()
  steps = configs_module.total_steps(config, 28_709)
  assert steps * config.batch_size == 416_000
  assert config.optimizer.decay_steps == steps


@pytest.mark.parametrize(
  # Their "epochs" are 42 batches each, 10,000 and 500 of them.
  ("name", "updates"),
  [("cgan_fer2013", 10_000 * 42), ("acgan_fer2013", 500 * 42)],
)
def test_updates_are_those_of_the_conditional_sources(name, updates):
  assert configs_module.total_steps(load(name).get_config(), 28_709) == updates
