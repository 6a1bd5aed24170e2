"""Ex1 of Table 1 (Ghanim and Abdulmunem 2026): PixelNorm DCGAN on FER-2013, 100 epochs, batch 8.

Paper: FID 111, IS 2 after 10 h on one TPU v5e (Colab v5e-1; protocol not stated).
Here:  see the results table in README.md.

python -m dcgan_jax.main --config=configs/ex1.py

A tenth of the run, on a laptop: --config.num_epochs=10
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013, 100 epochs, batch 8."""
  config = default.get_config()
  config.batch_size = 8
  config.sample_every = config.checkpoint_every = 2000
  return config
