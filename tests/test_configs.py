"""The experiments: each loads, is sound, and says what Table 1 of the paper says."""

import importlib.util
import pathlib

import pytest

from dcgan_jax import config as configs_module
from dcgan_jax.config import make_configs_importable

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
