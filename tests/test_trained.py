import jax
import numpy as np

from dcgan_jax.train import train
from dcgan_jax.trained import load_generator


def test_a_generator_comes_out_of_a_workdir_alone(config, tmp_path):
  train(config, tmp_path)
  raw, ema = (load_generator(tmp_path, None, ema=flag) for flag in (False, True))
  assert raw.step == ema.step == 12
  assert raw.record["config"]["model"]["width"] == 2
  assert raw.networks.image_shape == (48, 48, 1)
  assert jax.tree.structure(raw.weights) == jax.tree.structure(ema.weights)
  latents = np.ones((2, 8), np.float32)
  pixels = raw.networks.generator.apply(raw.weights, latents, train=False)
  assert pixels.shape == (2, 48, 48, 1)
  assert not np.array_equal(pixels, ema.networks.generator.apply(ema.weights, latents, train=False))
