"""Projection discriminator on FER-2013's labels (Miyato and Koyama 2018): the modern third.

Not of the reproduced sources, but what one would choose now beside cgan and acgan: the class enters
the generator by conditional BatchNorm and the discriminator by a projection; hinge loss, spectral
normalisation, a discriminator that learns at four times the generator's rate (Heusel et al. 2017).
The classes asked of the generator are the batch's, as frequent as among the real images: a
projection could tell fakes of a rarer class by their label alone. The batch is ex2.py's: with 64
images to an update there were outlines of faces after 64,000 images, with 16 faces after 48,000.
Here: README.md says what has been run.

python -m dcgan_jax.main --config=configs/projection_fer2013.py
python -m dcgan_jax.sample --workdir=runs/projection_fer2013 --expression=happy
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013 with labels, 100 epochs of batch 16."""
  config = default.get_config()
  config.model.name = "projection"
  config.model.spectral_norm = True
  config.model.discriminator_batch_norm = False
  config.loss.adversarial = "hinge"
  config.loss.fake_classes = "data"
  config.optimizer.learning_rate = 1e-4
  config.optimizer.discriminator_learning_rate = 4e-4
  config.optimizer.b1 = 0.0
  return config
