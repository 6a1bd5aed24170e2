"""Spectral normalisation of every architecture's discriminator, against numpy's decomposition."""

import jax
import numpy as np
import pytest

from dcgan_jax.models import build

each = pytest.mark.parametrize("name", build.NAMES)


@each
def test_every_kernel_is_divided_by_its_largest_singular_value(small_networks, playing, name):
  fields = {"discriminator_batch_norm": False}
  module = small_networks(name, spectral_norm=True, **fields).discriminator
  plain = small_networks(name, **fields).discriminator
  variables = playing.random_variables(module, playing.pixels, playing.classes)

  def judge(variables, train):
    return playing.apply(
      module, variables, playing.pixels, playing.classes, playing.key, train=train
    )

  def iterate(_, stats):
    return judge({**variables, "batch_stats": stats}, train=True)[1]["batch_stats"]

  many = jax.jit(lambda stats: jax.lax.fori_loop(0, 300, iterate, stats))
  stats = many(variables["batch_stats"])
  said, after = jax.jit(lambda v: judge(v, train=False))({**variables, "batch_stats": stats})

  def divided(path, leaf):
    # The cGAN's embedding is the class's way in, not a layer that pixels pass.
    if leaf.ndim < 2 or (name == "cgan" and path[0].key == "embed"):
      return leaf
    matrix = np.asarray(leaf).reshape(-1, leaf.shape[-1])
    return leaf / np.linalg.svd(matrix, compute_uv=False)[0]

  params = jax.tree_util.tree_map_with_path(divided, variables["params"])
  expected = jax.jit(
    lambda params: plain.apply({"params": params}, playing.pixels, playing.classes, train=False)
  )(params)
  for a, b in zip(jax.tree.leaves(said), jax.tree.leaves(expected), strict=True):
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-3 * np.abs(b).max())
  # Judging outside of training leaves the power iteration where it was.
  jax.tree.map(np.testing.assert_array_equal, stats, after["batch_stats"])


@each
@pytest.mark.parametrize("batch_norm", [True, False])
def test_every_parameter_keeps_its_name_and_shape(small_networks, playing, name, batch_norm):
  without, with_norm = (
    playing.shapes(
      small_networks(name, spectral_norm=on, discriminator_batch_norm=batch_norm).discriminator,
      playing.pixels,
      playing.classes,
    )
    for on in (False, True)
  )
  assert without["params"] == with_norm["params"]
