"""Ex5 of Table 1 (Ghanim and Abdulmunem 2026): PixelNorm DCGAN on CK+, 100 epochs, batch 8.

The paper's 0.5 is below what fresh photographs of other people score against the same set, and
is what a copier of the training set gets: see README.md before quoting it.

Paper: FID 0.5, IS 2 after 1 h 30 m on a TPU v2-8 (protocol not stated).
Here:  see the results table in README.md.

python -m dcgan_jax.main --config=configs/ex5.py

A tenth of the run, on a laptop: --config.num_epochs=10
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """CK+, 100 epochs, batch 8."""
  config = default.get_config()
  config.data.name = "ckplus"
  config.batch_size = 8
  config.num_epochs = 100
  config.sample_every = config.checkpoint_every = 500
  return config
