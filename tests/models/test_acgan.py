import jax
import numpy as np

from dcgan_jax.models.acgan import Discriminator, Generator


def batch_norm(features):
  return {"scale": (features,), "bias": (features,)}


def test_generator_has_the_published_layers(described):
  shapes = described(Generator(), (100,))
  assert shapes["params"] == {
    "embed": {"kernel": (7, 50)},
    "project_class": {"kernel": (50, 144), "bias": (144,)},
    "project": {"kernel": (100, 12 * 12 * 384), "bias": (12 * 12 * 384,)},
    "up1": {"kernel": (5, 5, 384 + 1, 192)},
    "norm1": batch_norm(192),
    "to_pixels": {"kernel": (5, 5, 192, 1), "bias": (1,)},
  }
  assert set(shapes["batch_stats"]) == {"norm1"}


def test_discriminator_has_the_published_layers_and_batchnorm_from_the_second_on(described):
  shapes = described(Discriminator(width=32), (48, 48, 1))
  assert shapes["params"] == {
    "down1": {"kernel": (3, 3, 1, 32), "bias": (32,)},
    "down2": {"kernel": (3, 3, 32, 64)},
    "norm2": batch_norm(64),
    "down3": {"kernel": (3, 3, 64, 128)},
    "norm3": batch_norm(128),
    "down4": {"kernel": (3, 3, 128, 256)},
    "norm4": batch_norm(256),
    # Three halvings leave 6×6; the fourth convolution has stride 1.
    "logit": {"kernel": (6 * 6 * 256, 1), "bias": (1,)},
    "class_logits": {"kernel": (6 * 6 * 256, 7), "bias": (7,)},
  }
  assert set(shapes["batch_stats"]) == {"norm2", "norm3", "norm4"}


def test_there_are_as_many_parameters_as_published(described):
  # Layer by layer with biases or BatchNorm's two numbers a feature, never both.
  generator = 7 * 50 + 51 * 144 + 101 * 55_296 + (25 * 385 + 2) * 192 + 25 * 192 + 1
  assert described(Generator(), (100,))["count"] == generator == 7_445_775
  convolutions = (9 + 1) * 32 + (9 * 32 + 2) * 64 + (9 * 64 + 2) * 128 + (9 * 128 + 2) * 256
  heads = (9_216 + 1) * (1 + 7)
  discriminator = described(Discriminator(width=32), (48, 48, 1))["count"]
  assert discriminator == convolutions + heads == 462_024


def test_dropout_makes_judgements_random_in_training_only(playing):
  pixels = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype(np.float32)
  module = Discriminator(width=4, num_classes=2)
  variables = playing.random_variables(module, pixels, None)
  for train in (True, False):
    judge = jax.jit(
      lambda key, train=train: playing.apply(module, variables, pixels, None, key, train)[0]
    )
    first, second = (judge(jax.random.key(seed)) for seed in (1, 2))
    assert np.array_equal(first.logits, second.logits) is not train
    assert np.array_equal(first.class_logits, second.class_logits) is not train
