"""The default experiment made small, for tests that train."""

import pathlib

from ml_collections import ConfigDict

from dcgan_jax.config_files import reference


def small_config(data_dir: pathlib.Path) -> ConfigDict:
  """2 filters, batch 8, 12 steps, on the 90 faces of the data_dir fixture."""
  config = reference()
  config.data.name = "synthetic"
  config.data.data_dir = str(data_dir)
  config.model.width = 2
  config.model.latent_size = 8
  config.batch_size = 8
  config.num_steps = 12
  config.steps_per_dispatch = 4
  config.log_every = 4
  config.sample_every = 6
  config.checkpoint_every = 3
  return config
