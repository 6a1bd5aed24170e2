"""Radford DCGAN trained on each expression of FER-2013 alone (a course report after Radford 2016).

Source: 50 epochs of batch 128 for each expression, no scores; its pictures are blurred outlines.
Here:   README.md says what has been run.

python -m dcgan_jax.main --config=configs/radford_fer2013.py
python -m dcgan_jax.main --config=configs/radford_fer2013.py --config.data.expression=happy

The first trains all seven in turn, each in a folder of its own in the workdir. The published
layers are for 64×64×3; for 48×48×1 the generator's first layer makes 3×3 instead of 4×4, its last
one has one filter, and the discriminator's last kernel is 3×3. The source does not give the
learning rate: 2e-4 is Radford's.
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013, one expression at a time, 50 epochs, batch 128."""
  config = default.get_config()
  config.data.expression = "each"
  config.model.name = "radford_dcgan"
  config.batch_size = 128
  config.num_epochs = 50
  config.log_every = 20
  config.sample_every = 100
  config.checkpoint_every = 200
  return config
