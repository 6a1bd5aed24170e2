"""What the tests of the architectures share."""

from types import SimpleNamespace

import jax
import numpy as np
import pytest
from ml_collections import ConfigDict

from dcgan_jax.models import build


@pytest.fixture(scope="session")
def described():
  """A function from a network and its input's shape to the shapes of its variables.

  {"params": {layer: {name: shape}}, "batch_stats": ..., "count": numbers in params}, for 7 classes.
  """

  def describe(module, shape):
    inputs, classes = np.zeros((1, *shape), np.float32), np.zeros((1, 7), np.float32)
    variables = jax.eval_shape(lambda: module.init(jax.random.key(0), inputs, classes, train=False))
    shapes = jax.tree.map(lambda leaf: leaf.shape, variables)
    count = sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))
    return {"batch_stats": {}, **shapes, "count": count}

  return describe


@pytest.fixture(scope="session")
def small_networks():
  """A function from an architecture's name to its networks for 32×32×2, 3 classes, 5 latents."""

  def make(name, *, axis_name=None, **fields):
    model = ConfigDict(
      {
        "name": name,
        "latent_size": 5,
        "latent_distribution": "uniform",
        "width": 2,
        "spectral_norm": False,
        "discriminator_batch_norm": True,
        "classifier": None,
      }
    )
    model.update(fields)
    return build.build(model, (32, 32, 2), 3, axis_name)

  return make


@pytest.fixture(scope="session")
def playing():
  """How networks of small_networks are tried: six images, random weights."""
  rng = np.random.default_rng(0)
  return SimpleNamespace(
    latents=rng.uniform(-1, 1, (6, 5)).astype(np.float32),
    pixels=rng.uniform(-1, 1, (6, 32, 32, 2)).astype(np.float32),
    classes=np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]],
    key=jax.random.key(2),
    shapes=_shapes,
    random_variables=_random_variables,
    apply=_apply,
  )


def _shapes(module, inputs, classes):
  return jax.eval_shape(lambda: module.init(jax.random.key(0), inputs, classes, train=False))


def _random_variables(module, inputs, classes):
  """Random parameters, also where initialisation has zeros; mean 0 and variance 1 as statistics."""
  rng = np.random.default_rng(1)

  def values(path, leaf):
    if path[-1].key in ("var", "scale") or path[-1].key.endswith("sigma"):
      return np.ones(leaf.shape, np.float32)
    if path[-1].key == "mean":
      return np.zeros(leaf.shape, np.float32)
    return (0.2 * rng.normal(size=leaf.shape)).astype(np.float32)

  return jax.tree_util.tree_map_with_path(values, dict(_shapes(module, inputs, classes)))


def _apply(module, variables, inputs, classes, key, train=True):
  """Outputs and new statistics."""
  rngs = {"dropout": key}
  return module.apply(variables, inputs, classes, train, mutable=["batch_stats"], rngs=rngs)
