import jax
import numpy as np
from jax import lax

from dcgan_jax.models.cgan import Discriminator, Generator
from dcgan_jax.models.layers import ConvTranspose


def test_generator_has_the_published_layers(described):
  assert described(Generator(), (100,))["params"] == {
    "embed": {"kernel": (7, 50)},
    "project_class": {"kernel": (50, 12 * 12 * 128), "bias": (12 * 12 * 128,)},
    "project": {"kernel": (100, 12 * 12 * 128), "bias": (12 * 12 * 128,)},
    "up1": {"kernel": (4, 4, 128 + 128, 128), "bias": (128,)},
    "up2": {"kernel": (4, 4, 128, 128), "bias": (128,)},
    "to_pixels": {"kernel": (12, 12, 128, 1), "bias": (1,)},
  }


def test_discriminator_has_the_published_layers(described):
  assert described(Discriminator(width=128), (48, 48, 1))["params"] == {
    "embed": {"kernel": (7, 50)},
    "project_class": {"kernel": (50, 48 * 48), "bias": (48 * 48,)},
    "down1": {"kernel": (3, 3, 1 + 1, 128), "bias": (128,)},
    "down2": {"kernel": (3, 3, 128, 128), "bias": (128,)},
    "logit": {"kernel": (12 * 12 * 128, 1), "bias": (1,)},
  }


def test_there_are_as_many_parameters_as_published(described):
  # Layer by layer, each with its biases: 7 × 50, then (50 + 1) and (100 + 1) × 18,432, …
  generator = 350 + 51 * 18_432 + 101 * 18_432 + (16 * 256 + 1) * 128 + (16 * 128 + 1) * 128
  generator += 144 * 128 + 1
  assert described(Generator(), (100,))["count"] == generator == 3_607_135
  discriminator = 350 + 51 * 2_304 + (9 * 2 + 1) * 128 + (9 * 128 + 1) * 128 + 18_432 + 1
  assert described(Discriminator(width=128), (48, 48, 1))["count"] == discriminator == 286_303


def test_neither_network_has_statistics(described):
  assert described(Generator(), (100,))["batch_stats"] == {}
  assert described(Discriminator(), (48, 48, 1))["batch_stats"] == {}


def test_the_last_layer_is_a_12_by_12_convolution():
  x = np.random.default_rng(0).normal(size=(1, 14, 14, 3)).astype(np.float32)
  layer = ConvTranspose(1, taps=12, stride=1, use_bias=False)
  y, variables = jax.jit(layer.init_with_output)(jax.random.key(0), x)
  # Each pixel sees 12 × 12, 6 rows above it and 5 below; "SAME" for a convolution has 5 above.
  expected = lax.conv_general_dilated(
    x, variables["params"]["kernel"], (1, 1), ((6, 5), (6, 5)),
    dimension_numbers=("NHWC", "HWIO", "NHWC"),
  )  # fmt: skip
  np.testing.assert_allclose(y, expected, atol=1e-5)


def test_dropout_comes_before_the_logit_in_training_only(playing):
  rng = np.random.default_rng(0)
  pixels = rng.normal(size=(2, 8, 8, 1)).astype(np.float32)
  classes = np.eye(2, dtype=np.float32)
  module = Discriminator(width=4)
  variables = playing.random_variables(module, pixels, classes)
  for train in (True, False):
    judge = jax.jit(
      lambda key, train=train: playing.apply(module, variables, pixels, classes, key, train)[0]
    )
    first, second = (judge(jax.random.key(seed)).logits for seed in (1, 2))
    assert np.array_equal(first, second) is not train
