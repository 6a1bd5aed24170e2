"""Radford's networks against the published listing in PyTorch, with the same weights."""

import jax
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="extra 'peers' is not installed")

from dcgan_jax.models.radford_dcgan import Discriminator, Generator

from . import torch_radford

WIDTH = 16
SIZES = pytest.mark.parametrize(("size", "channels"), [(48, 1), (64, 3)])
MODES = pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])


def random_variables(module, inputs):
  """Initialised kernels; scales, shifts and statistics as a trained network might have them."""
  variables = jax.eval_shape(lambda: module.init(jax.random.key(0), inputs, train=False))
  rng = np.random.default_rng(1)

  def values(path, leaf):
    if path[-1].key in ("scale", "var"):
      return rng.uniform(0.5, 1.5, leaf.shape).astype(np.float32)
    # Kernels that carry a signal of about 1 through: 0.02 is for the published width.
    deviation = 0.1 if path[-1].key in ("bias", "mean") else 0.05
    return (deviation * rng.normal(size=leaf.shape)).astype(np.float32)

  return jax.tree_util.tree_map_with_path(values, dict(variables))


def ours(module, variables, inputs, train):
  """Outputs, and the statistics afterwards."""
  apply = jax.jit(lambda v, x: module.apply(v, x, train=train, mutable=["batch_stats"]))
  return apply(variables, inputs)


def assert_same(mine, theirs):
  theirs = theirs.detach().numpy()
  assert np.std(theirs) > 0.01  # there is something to compare
  np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-4)


@SIZES
@MODES
def test_the_generators_draw_the_same(size, channels, train):
  latents = np.random.default_rng(0).normal(size=(4, 100)).astype(np.float32)
  module = Generator(size, channels, WIDTH)
  variables = random_variables(module, latents)
  peer = torch_radford.generator(100, WIDTH, channels, size // 16).train(train)
  torch_radford.load(peer, variables)
  pixels, _ = ours(module, variables, latents, train)
  theirs = peer(torch.tensor(latents)[:, :, None, None])
  assert_same(pixels, theirs.permute(0, 2, 3, 1))


@SIZES
@MODES
def test_the_discriminators_judge_the_same(size, channels, train):
  shape = (4, size, size, channels)
  pixels = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
  module = Discriminator(WIDTH)
  variables = random_variables(module, pixels)
  peer = torch_radford.discriminator(WIDTH, channels, size // 16).train(train)
  torch_radford.load(peer, variables)
  judgement, _ = ours(module, variables, pixels, train)
  theirs = peer(torch.tensor(pixels).permute(0, 3, 1, 2))
  assert theirs.shape == (4, 1, 1, 1)
  assert_same(judgement.logits, theirs[:, 0, 0, 0])


def test_the_running_statistics_move_the_same_way():
  latents = np.random.default_rng(0).normal(size=(4, 100)).astype(np.float32)
  module = Generator(48, 1, WIDTH)
  variables = random_variables(module, latents)
  peer = torch_radford.generator(100, WIDTH, 1, 3).train()
  torch_radford.load(peer, variables)
  _, updates = ours(module, variables, latents, True)
  peer(torch.tensor(latents)[:, :, None, None])
  for layer, side in (("norm1", 3), ("norm2", 6), ("norm3", 12), ("norm4", 24)):
    norm, statistics = peer.get_submodule(layer), updates["batch_stats"][layer]
    np.testing.assert_allclose(statistics["mean"], norm.running_mean, rtol=0, atol=1e-5)
    # A tenth is new; of it PyTorch divides by n - 1, Flax by n.
    n, old = 4 * side * side, variables["batch_stats"][layer]["var"]
    new = (np.asarray(norm.running_var) - 0.9 * old) * (n - 1) / n
    np.testing.assert_allclose(statistics["var"], 0.9 * old + new, rtol=1e-4)
