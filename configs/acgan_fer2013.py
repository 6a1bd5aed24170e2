"""Auxiliary-classifier GAN on FER-2013's labels, after the Keras project GAN_FacialExpression.

Source: 500 "epochs" of 42 batches of 64, no scores; after 700 its own samples are barely faces.
Here:   README.md says what has been run.

python -m dcgan_jax.main --config=configs/acgan_fer2013.py
python -m dcgan_jax.sample --workdir=runs/acgan_fer2013 --expression=happy

Layers, batch, Adam and the number of updates are the source's; its defects are mended as in
cgan_fer2013.py. Two things besides are not the source's. There the discriminator learns the class
of generated images too, and so from images that show no class yet, which is known to make the game
fail; here from real ones only. And the generator answers for the class a tenth as much as there (as
in Gulrajani et al. 2017's code): with the full weight, and embeddings of N(0, 1), it drew one
picture for each class. The published form is
--config.loss.classify_fakes=True --config.loss.generator_class_weight=1. The classes asked of the
generator are uniform, as there.
"""

from ml_collections import ConfigDict

from configs import default


def get_config() -> ConfigDict:
  """FER-2013 with labels, 21,000 updates of 64."""
  config = default.get_config()
  config.model.name = "acgan"
  config.model.width = 32
  config.loss.generator_class_weight = 0.1
  config.batch_size = 64
  config.num_steps = 21_000
  config.log_every = 50
  config.sample_every = 200
  config.checkpoint_every = 500
  return config
