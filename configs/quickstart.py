"""A first look in a few minutes: a narrow PixelNorm DCGAN on the built-in synthetic faces.

bash launch/quickstart.sh

or, step by step:

python -m dcgan_jax.prepare synthetic
python -m dcgan_jax.main --config=configs/quickstart.py
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """A quarter of the paper's width, so that two CPU cores suffice."""
  config = default.get_config()
  config.data.name = "synthetic"
  config.model.width = 16
  config.batch_size = 32
  config.num_epochs = 100
  config.num_steps = 2000
  config.sample_every = 250
  config.checkpoint_every = 500
  return config
