import jax
import numpy as np

from dcgan_jax.models.projection import ConditionalBatchNorm, Generator


def test_generator_is_radfords_with_a_gain_and_a_bias_for_each_class(described):
  shapes = described(Generator(), (100,))
  assert shapes["params"] == {
    "up1": {"kernel": (3, 3, 100, 512)},
    "norm1": {"gain": (7, 512), "bias": (7, 512)},
    "up2": {"kernel": (4, 4, 512, 256)},
    "norm2": {"gain": (7, 256), "bias": (7, 256)},
    "up3": {"kernel": (4, 4, 256, 128)},
    "norm3": {"gain": (7, 128), "bias": (7, 128)},
    "up4": {"kernel": (4, 4, 128, 64)},
    "norm4": {"gain": (7, 64), "bias": (7, 64)},
    "to_pixels": {"kernel": (4, 4, 64, 1)},
  }
  assert shapes["batch_stats"]["norm4"] == {"statistics": {"mean": (64,), "var": (64,)}}


def test_conditional_batchnorm_starts_as_plain_normalisation():
  x = 3 + 2 * np.random.default_rng(0).normal(size=(4, 5, 5, 2)).astype(np.float32)
  classes = np.eye(4, dtype=np.float32)
  norm = ConditionalBatchNorm()
  variables = norm.init(jax.random.key(0), x, classes, train=False)
  y, _ = norm.apply(variables, x, classes, train=True, mutable=["batch_stats"])
  # Over all classes together, not within each.
  np.testing.assert_allclose(np.mean(y, axis=(0, 1, 2)), 0, atol=1e-5)
  np.testing.assert_allclose(np.var(y, axis=(0, 1, 2)), 1, rtol=1e-4)


def test_each_image_gets_its_classs_gain_and_bias_and_a_mixture_the_means_of_two():
  # Running statistics are mean 0 and variance 1, so that x = 10 stays 10 (but for epsilon).
  x = np.full((3, 1, 1, 1), 10, np.float32)
  classes = np.array([[1, 0], [0, 1], [0.5, 0.5]], np.float32)
  norm = ConditionalBatchNorm()
  variables = norm.init(jax.random.key(0), x, classes, train=False)
  params = {"gain": np.array([[0.0], [1.0]]), "bias": np.array([[5.0], [-3.0]])}
  y = norm.apply({**variables, "params": params}, x, classes, train=False)
  # (1 + 0) 10 + 5; (1 + 1) 10 - 3; (1 + ½) 10 + 1.
  np.testing.assert_allclose(y[:, 0, 0, 0], [15, 17, 16], rtol=1e-4)
