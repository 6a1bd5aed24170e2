"""Dong and Li's DCGAN on colour faces that a Haar cascade cropped, 64×64×3, 100 epochs.

Source: latents uniform on [-1, 1], batch 64, Adam 3e-4; no scores, faces can be told at epoch 60.
Here:   README.md says what has been run.

python -m dcgan_jax.prepare faces --source=PHOTOGRAPHS
python -m dcgan_jax.main --config=configs/faces64.py

No fully connected layers; BatchNorm in both networks but for the generator's output and the
discriminator's input; ReLU and LeakyReLU: the layers of Radford et al. 2016. The source names no
filter counts (its figures are not in its text), nor β₁: 64 to 512 and 0.5 are Radford's.
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """Haar-cropped faces at 64×64×3, 100 epochs, batch 64."""
  config = default.get_config()
  config.data.name = "faces"
  config.model.name = "radford_dcgan"
  config.model.image_size = 64
  config.model.channels = 3
  config.model.latent_distribution = "uniform"
  config.optimizer.learning_rate = 3e-4
  config.batch_size = 64
  config.num_epochs = 100
  config.log_every = 50
  config.sample_every = 200
  config.checkpoint_every = 500
  return config
