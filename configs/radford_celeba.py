"""Radford DCGAN on CelebA at 64×64×3 (a course report after Radford et al. 2016), 25 epochs.

Source: batch 128, no scores; its pictures are faces that look natural.
Here:   README.md says what has been run.

python -m dcgan_jax.prepare celeba --source=img_align_celeba.zip
python -m dcgan_jax.main --config=configs/radford_celeba.py
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """CelebA at 64×64×3, 25 epochs, batch 128."""
  config = default.get_config()
  config.data.name = "celeba"
  config.model.name = "radford_dcgan"
  config.model.image_size = 64
  config.model.channels = 3
  config.batch_size = 128
  config.num_epochs = 25
  config.log_every = 20
  config.sample_every = 200
  config.checkpoint_every = 200
  return config
