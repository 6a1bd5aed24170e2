import jax
import numpy as np

from dcgan_jax.models.projection import ConditionalBatchNorm, Discriminator, Generator


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


def test_discriminator_is_strided_convolutions_and_two_rows_of_weights_on_the_sums(described):
  module = Discriminator(batch_norm=False)
  assert described(module, (48, 48, 1))["params"] == {
    "down1": {"kernel": (4, 4, 1, 64), "bias": (64,)},
    "down2": {"kernel": (4, 4, 64, 128), "bias": (128,)},
    "down3": {"kernel": (4, 4, 128, 256), "bias": (256,)},
    "down4": {"kernel": (4, 4, 256, 512), "bias": (512,)},
    "embed": {"kernel": (7, 512)},
    "logit": {"kernel": (512, 1), "bias": (1,)},
  }


def test_the_logit_is_linear_in_the_class_and_the_projection_is_on_the_summed_features():
  rng = np.random.default_rng(0)
  pixels = rng.normal(size=(2, 32, 32, 1)).astype(np.float32)
  module = Discriminator(width=1, batch_norm=False)
  rows = {
    "first": np.array([[1, 0], [1, 0]], np.float32),
    "second": np.array([[0, 1], [0, 1]], np.float32),
    "mixed": np.array([[0.3, 0.7], [0.3, 0.7]], np.float32),
  }
  variables = module.init(jax.random.key(0), pixels, rows["first"], train=False)

  def judge(classes):
    return module.apply(
      variables, pixels, classes, train=False,
      capture_intermediates=lambda layer, _: layer.name in ("down4", "logit"),
    )  # fmt: skip

  said = {name: judge(classes) for name, classes in rows.items()}
  logits = {name: judgement.logits for name, (judgement, _) in said.items()}
  np.testing.assert_allclose(
    logits["mixed"], 0.3 * logits["first"] + 0.7 * logits["second"], rtol=1e-5, atol=1e-9
  )
  # Miyato and Koyama, Eq. 3, from the last convolution's output and the unconditional logit.
  inside = said["first"][1]["intermediates"]
  last = np.asarray(inside["down4"]["__call__"][0])
  features = np.where(last > 0, last, 0.2 * last).sum(axis=(1, 2))
  assert features.shape == (2, 8)
  projection = features @ np.asarray(variables["params"]["embed"]["kernel"])[0]
  expected = inside["logit"]["__call__"][0][:, 0] + projection
  np.testing.assert_allclose(logits["first"], expected, rtol=1e-4, atol=1e-9)


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
