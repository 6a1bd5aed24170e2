"""Ex2 of Table 1 (Ghanim and Abdulmunem 2026): PixelNorm DCGAN on FER-2013, 100 epochs, batch 16.

Paper: FID 88, IS 3 after 4 h 06 m 48 s on a TPU v2-8 (protocol not stated).
Here:  see the results table in README.md.

python -m dcgan_jax.main --config=configs/ex2.py

A tenth of the run, on a laptop: --config.num_epochs=10
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013, 100 epochs, batch 16: the default."""
  return default.get_config()
