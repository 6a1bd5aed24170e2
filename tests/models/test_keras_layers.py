import jax
import numpy as np
import pytest

from dcgan_jax.models import acgan, cgan
from dcgan_jax.models.keras_layers import Embedding


def uniform_within(values, limit):
  """Whether thousands of draws look uniform on [-limit, limit]: their ends and their deviation."""
  assert np.abs(values).max() <= limit
  assert np.abs(values).max() == pytest.approx(limit, rel=0.02)
  # A uniform's deviation is limit / sqrt(3); of 700 draws and more its standard error is below 2 %.
  assert values.std() == pytest.approx(limit / 3**0.5, rel=5 * 0.02)


def parameters(network, *shape):
  inputs, classes = np.zeros((1, *shape), np.float32), np.zeros((1, 14), np.float32)
  return network.init(jax.random.key(0), inputs, classes, train=False)["params"]


@pytest.mark.parametrize("source", [cgan, acgan])
def test_generators_begin_as_keras_would_begin_them(source):
  layers = parameters(source.Generator(image_size=8, width=4), 100)
  uniform_within(layers["embed"]["kernel"], 0.05)
  for layer in ("project", "up1"):
    uniform_within(layers[layer]["kernel"], glorot(layers[layer]["kernel"]))
    np.testing.assert_array_equal(layers[layer].get("bias", 0.0), 0.0)


@pytest.mark.parametrize("source", [cgan, acgan])
def test_discriminators_begin_as_keras_would_begin_them(source):
  layers = parameters(source.Discriminator(width=16), 8, 8, 1)
  uniform_within(layers["down2"]["kernel"], glorot(layers["down2"]["kernel"]))
  np.testing.assert_array_equal(layers["logit"]["bias"], 0.0)


def glorot(kernel):
  """Glorot and Bengio 2010, Eq. 16: sqrt(6 / (fan in + fan out)), each per tap of the kernel."""
  *taps, into, out = kernel.shape
  return (6 / (np.prod(taps) * (into + out))) ** 0.5


def test_an_embedding_looks_a_class_up_and_mixes_the_embeddings_of_a_mixture():
  classes = np.array([[1, 0, 0], [0, 0, 1], [0.25, 0, 0.75]], np.float32)
  y, variables = Embedding(4).init_with_output(jax.random.key(0), classes)
  table = np.asarray(variables["params"]["kernel"])
  assert table.shape == (3, 4)
  np.testing.assert_array_equal(y[:2], table[[0, 2]])
  np.testing.assert_allclose(y[2], 0.25 * table[0] + 0.75 * table[2], rtol=1e-5)
