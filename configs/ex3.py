"""Ex3 of Table 1 (Ghanim and Abdulmunem 2026): PixelNorm DCGAN on FER-2013, 150 epochs, batch 16.

Paper: FID 107, IS 1.85 after 15 h; the hardware is given as "Change runtime type".
Here:  see the results table in README.md.

python -m dcgan_jax.main --config=configs/ex3.py

A tenth of the run, on a laptop: --config.num_epochs=15
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013, 150 epochs, batch 16."""
  config = default.get_config()
  config.num_epochs = 150
  return config
