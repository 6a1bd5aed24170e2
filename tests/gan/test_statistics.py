from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.gan.classes import as_in_training
from dcgan_jax.gan.statistics import make_measure
from dcgan_jax.models.build import build
from dcgan_jax.models.layers import BatchNorm
from dcgan_jax.models.networks import Networks
from dcgan_jax.randomness import Stream, stream_key


class Layer(nn.Module):
  """BatchNorm on a function of the latents, and the classes, side by side."""

  @nn.compact
  def __call__(self, latents, classes, train=True):
    x = jnp.concatenate([3.0 * latents**2 + 5.0, classes], axis=1)
    return BatchNorm(not train, name="norm")(x)


def layer_networks(num_classes):
  networks = Networks(Layer(), nn.Dense(1), 4, "normal", (2, 2, 1), num_classes)
  weights = Layer().init(jax.random.key(0), jnp.zeros((2, 4)), jnp.zeros((2, num_classes)))
  return networks, weights


def test_statistics_are_the_means_of_those_of_sixteen_batches():
  networks, weights = layer_networks(3)
  measured = make_measure(networks, 7, [10, 20, 70])(weights)["batch_stats"]["norm"]
  latents = jax.random.normal(stream_key(7, Stream.STATISTICS), (1024, 4))
  classes = as_in_training(7, [10, 20, 70])(0, 1024)
  x = np.concatenate([3.0 * np.float64(latents) ** 2 + 5.0, np.float64(classes)], axis=1)
  batches = x.reshape(16, 64, 7)
  np.testing.assert_allclose(measured["mean"], batches.mean(axis=(0, 1)), rtol=1e-4)
  np.testing.assert_allclose(measured["var"], batches.var(axis=1).mean(axis=0), rtol=1e-3)


def test_the_weights_themselves_stay(monkeypatch):
  networks, weights = layer_networks(0)
  measured = make_measure(networks, 0, [])(weights)
  jax.tree.map(np.testing.assert_array_equal, measured["params"], weights["params"])


def test_what_was_averaged_before_does_not_matter(config):
  config.model.name = "radford_dcgan"
  networks = build(config.model, (48, 48, 1), 0)
  init = jax.jit(partial(networks.generator.init, train=False))
  weights = init(jax.random.key(0), jnp.zeros((1, networks.latent_size)))
  measure = make_measure(networks, 0, [])
  other = {**weights, "batch_stats": jax.tree.map(lambda x: x + 3.0, weights["batch_stats"])}
  jax.tree.map(np.testing.assert_array_equal, measure(weights), measure(other))
  first = measure(weights)["batch_stats"]["norm1"]["mean"]
  assert float(jnp.abs(first).max()) > 0


def test_weights_without_statistics_come_back_as_they_are(config):
  networks = build(config.model, (48, 48, 1), 0)
  weights = {"params": {"kernel": jnp.ones(3)}, "batch_stats": {}}
  assert make_measure(networks, 0, [])(weights) is weights


def test_each_seed_measures_with_latents_of_its_own():
  networks, weights = layer_networks(0)
  one, two = (make_measure(networks, seed, [])(weights)["batch_stats"]["norm"] for seed in (0, 1))
  assert not np.array_equal(one["mean"], two["mean"])
