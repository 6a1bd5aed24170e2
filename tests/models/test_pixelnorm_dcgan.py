import jax
import numpy as np

from dcgan_jax.models.pixelnorm_dcgan import Discriminator, Generator


def batch_norm(features):
  return {"scale": (features,), "bias": (features,)}


# Names and shapes are those of the checkpoints that users have.
def test_generator_has_the_papers_layers(described):
  assert described(Generator(), (100,))["params"] == {
    "project": {"kernel": (100, 6 * 6 * 512), "bias": (6 * 6 * 512,)},
    "up1": {"kernel": (4, 4, 512, 256), "bias": (256,)},
    "up2": {"kernel": (4, 4, 256, 128), "bias": (128,)},
    "up3": {"kernel": (4, 4, 128, 64), "bias": (64,)},
    "to_pixels": {"kernel": (4, 4, 64, 1), "bias": (1,)},
  }


def test_discriminator_has_the_papers_layers_and_batchnorm_from_the_second_on(described):
  shapes = described(Discriminator(), (48, 48, 1))
  assert shapes["params"] == {
    "down1": {"kernel": (4, 4, 1, 64), "bias": (64,)},
    "down2": {"kernel": (4, 4, 64, 128)},
    "norm2": batch_norm(128),
    "down3": {"kernel": (4, 4, 128, 256)},
    "norm3": batch_norm(256),
    "down4": {"kernel": (4, 4, 256, 512)},
    "norm4": batch_norm(512),
    "logit": {"kernel": (3 * 3 * 512, 1), "bias": (1,)},
  }
  assert shapes["batch_stats"] == {
    f"norm{i}": {"mean": (n,), "var": (n,)} for i, n in ((2, 128), (3, 256), (4, 512))
  }


def test_generator_makes_images_in_the_range_of_tanh(playing):
  latents = 100 * np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
  pixels, _ = jax.jit(Generator(width=2).init_with_output)(jax.random.key(0), latents)
  assert pixels.shape == (3, 48, 48, 1)
  assert np.abs(pixels).max() <= 1.0


def test_generator_treats_each_latent_alone(playing):
  # PixelNorm has no batch statistics: a batch of one gives the image it gives in company.
  latents = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
  model = Generator(width=2)
  pixels, variables = jax.jit(model.init_with_output)(jax.random.key(0), latents)
  alone = jax.jit(model.apply)(variables, latents[2:3])
  np.testing.assert_allclose(alone, pixels[2:3], atol=1e-5)


def test_training_uses_the_batchs_statistics_and_inference_the_running_ones(playing):
  images = np.random.default_rng(0).normal(size=(8, 48, 48, 1)).astype(np.float32)
  model = Discriminator(width=2)
  variables = jax.jit(model.init)(jax.random.key(0), images)
  said, after = jax.jit(
    lambda v: model.apply(
      v, images, train=True, mutable=["batch_stats", "intermediates"],
      capture_intermediates=lambda module, _: module.name == "down2",
    )
  )(variables)  # fmt: skip
  assert said.logits.shape == (8,)
  # The second convolution's input does not pass a BatchNorm: its statistics are known exactly.
  before = after["intermediates"]["down2"]["__call__"][0]
  mean = np.asarray(before).mean(axis=(0, 1, 2))
  # Running mean starts at 0 and moves a tenth of the way.
  np.testing.assert_allclose(
    after["batch_stats"]["norm2"]["mean"], 0.1 * mean, rtol=1e-4, atol=1e-8
  )
