"""Conditional GAN on FER-2013's labels, after the Keras project GAN_FacialExpression.

Source: 10,000 "epochs" of 42 batches of 128, no scores.
Here:   README.md says what has been run.

python -m dcgan_jax.main --config=configs/cgan_fer2013.py
python -m dcgan_jax.sample --workdir=runs/cgan_fer2013 --expression=happy

Layers, batch, Adam and the number of updates are the source's. Its defects are mended: real images
were in [0, 1] against a generator in [-1, 1], rows of a wrong length were dropped without a word,
batches were drawn with replacement (so that its epochs are none; the run is 1,873 true ones),
latents were drawn without a seed. The classes asked of the generator are uniform, as there.
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013 with labels, 420,000 updates of 128."""
  config = default.get_config()
  config.model.name = "cgan"
  config.model.width = 128
  config.batch_size = 128
  config.num_epochs = 2000
  config.num_steps = 420_000
  config.log_every = 20
  config.sample_every = 100
  config.checkpoint_every = 200
  return config
