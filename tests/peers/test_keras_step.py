"""One update of ours against the same update in Keras, from the same weights and latents."""

import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.latents import training_latents

from . import keras_dcgan, ours


@pytest.mark.slow
@pytest.mark.parametrize(("bfloat16", "tolerance"), [(False, 1e-5), (True, 2e-2)])
def test_the_losses_of_the_first_update_agree(bfloat16, tolerance):
  mine = ours.Trainer(width=16, seed=3, precision="bfloat16" if bfloat16 else None)
  theirs = keras_dcgan.Trainer(latent_size=100, width=16, bfloat16=bfloat16)
  keras_dcgan.load(theirs.generator, mine.state.generator.params)
  keras_dcgan.load(theirs.discriminator, mine.state.discriminator.params)
  images = np.random.default_rng(0).integers(0, 256, (1, 16, 48, 48, 1), dtype=np.uint8)
  latents = np.asarray(training_latents(3, jnp.array(0), 16, mine.networks))
  metrics = mine.run(images, 1)
  d_loss, g_loss = theirs.step(images[0], latents)
  # The generator's loss is of the updated discriminator: it holds the gradients of that as well.
  assert float(metrics["discriminator_loss"]) == pytest.approx(float(d_loss), rel=tolerance)
  assert float(metrics["generator_loss"]) == pytest.approx(float(g_loss), rel=tolerance)
