import jax
import numpy as np
import pytest

from dcgan_jax.models import acgan, cgan
from dcgan_jax.models.keras_layers import Embedding


def parameters(playing, network, *shape):
  inputs, classes = np.zeros((1, *shape), np.float32), np.zeros((1, 14), np.float32)
  begin = jax.jit(lambda key: network.init(key, inputs, classes, train=False))
  return begin(jax.random.key(0))["params"]


@pytest.mark.parametrize(
  ("network", "shape"),
  [
    (cgan.Generator(image_size=8, width=8), (100,)),
    (cgan.Discriminator(width=16), (16, 16, 1)),
    (acgan.Generator(image_size=16, width=4), (100,)),
    (acgan.Discriminator(width=16), (16, 16, 1)),
  ],
)
def test_the_networks_of_the_keras_project_begin_as_keras_would_begin_them(playing, network, shape):
  for name, layer in parameters(playing, network, *shape).items():
    if name.startswith("norm"):
      continue
    kernel = np.asarray(layer["kernel"])
    limit = 0.05 if name == "embed" else glorot(*kernel.shape)
    assert np.abs(kernel).max() <= limit, name
    # A uniform's deviation is limit / sqrt(3), of n draws known to a share of sqrt(0.2 / n).
    tolerance = 5 * (0.2 / kernel.size) ** 0.5
    assert kernel.std() == pytest.approx(limit / 3**0.5, rel=tolerance), name
    np.testing.assert_array_equal(layer.get("bias", 0.0), 0.0)


def glorot(*shape):
  """Glorot and Bengio 2010, Eq. 16: sqrt(6 / (fan in + fan out)), each fan times the taps."""
  *taps, into, out = shape
  return (6 / (np.prod(taps) * (into + out))) ** 0.5


def test_an_embedding_looks_a_class_up_and_mixes_the_embeddings_of_a_mixture():
  classes = np.array([[1, 0, 0], [0, 0, 1], [0.25, 0, 0.75]], np.float32)
  y, variables = Embedding(4).init_with_output(jax.random.key(0), classes)
  table = np.asarray(variables["params"]["kernel"])
  assert table.shape == (3, 4)
  np.testing.assert_array_equal(y[:2], table[[0, 2]])
  np.testing.assert_allclose(y[2], 0.25 * table[0] + 0.75 * table[2], rtol=1e-5)
