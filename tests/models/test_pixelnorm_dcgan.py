import jax
import numpy as np

from dcgan_jax.models.pixelnorm_dcgan import Discriminator, Generator


def count(tree):
  return sum(leaf.size for leaf in jax.tree.leaves(tree))


def test_generator_has_the_papers_layers():
  variables = jax.eval_shape(
    lambda: Generator().init(jax.random.key(0), np.zeros((1, 100), np.float32))
  )
  shapes = {name: layer["kernel"].shape for name, layer in variables["params"].items()}
  assert shapes == {
    "project": (100, 6 * 6 * 512),
    "up1": (4, 4, 512, 256),
    "up2": (4, 4, 256, 128),
    "up3": (4, 4, 128, 64),
    "to_pixels": (4, 4, 64, 1),
  }


def test_discriminator_has_the_papers_layers_and_batchnorm_from_the_second_on():
  variables = jax.eval_shape(
    lambda: Discriminator().init(jax.random.key(0), np.zeros((1, 48, 48, 1), np.float32))
  )
  params = variables["params"]
  kernels = {name: layer["kernel"].shape for name, layer in params.items() if "kernel" in layer}
  assert kernels == {
    "down1": (4, 4, 1, 64),
    "down2": (4, 4, 64, 128),
    "down3": (4, 4, 128, 256),
    "down4": (4, 4, 256, 512),
    "logit": (3 * 3 * 512, 1),
  }
  assert set(variables["batch_stats"]) == {"norm2", "norm3", "norm4"}
  assert "bias" in params["down1"]
  assert "bias" not in params["down2"]


def test_generator_makes_images_in_the_range_of_tanh():
  latents = 100 * np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
  pixels, _ = Generator(width=2).init_with_output(jax.random.key(0), latents)
  assert pixels.shape == (3, 48, 48, 1)
  assert np.abs(pixels).max() <= 1.0


def test_generator_treats_each_latent_alone():
  # PixelNorm has no batch statistics: a batch of one gives the image it gives in company.
  latents = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
  model = Generator(width=2)
  pixels, variables = model.init_with_output(jax.random.key(0), latents)
  np.testing.assert_allclose(model.apply(variables, latents[2:3]), pixels[2:3], atol=1e-5)


def test_training_uses_the_batchs_statistics_and_inference_the_running_ones():
  images = np.random.default_rng(0).normal(size=(8, 48, 48, 1)).astype(np.float32)
  model = Discriminator(width=2)
  variables = model.init(jax.random.key(0), images, train=False)
  trained, updates = model.apply(variables, images, train=True, mutable=["batch_stats"])
  assert trained.shape == (8,)
  # The second convolution's input does not pass a BatchNorm: its statistics are known exactly.
  before = model.apply(
    variables, images, train=True, mutable=["batch_stats", "intermediates"],
    capture_intermediates=lambda module, _: module.name == "down2",
  )[1]["intermediates"]["down2"]["__call__"][0]  # fmt: skip
  mean = np.asarray(before).mean(axis=(0, 1, 2))
  # Running mean starts at 0 and moves a tenth of the way.
  np.testing.assert_allclose(
    updates["batch_stats"]["norm2"]["mean"], 0.1 * mean, rtol=1e-4, atol=1e-8
  )
