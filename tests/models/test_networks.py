"""The contract that every architecture keeps, whatever its layers."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.models import build

# Those whose discriminator reads the class; the AC-GAN's guesses it.
JUDGING_BY_CLASS = ("cgan", "projection", "pixelnorm_projection")


def everything_said(judgement):
  """Logits and class logits as one array, one row an image."""
  logits = judgement.logits[:, None]
  if judgement.class_logits is None:
    return logits
  return jnp.concatenate([logits, judgement.class_logits], axis=1)


class Game(NamedTuple):
  """One pair of networks with random weights, in training."""

  name: str
  variables: tuple[Any, Any]  # of generator and discriminator
  gradients: tuple[Any, Any]  # of what is said of fakes
  fake: Any  # pixels and new statistics
  real: Any  # judgement of playing.pixels and new statistics
  others: tuple[Any, Any]  # fake and real, had the images other classes


@pytest.fixture(scope="module", params=build.NAMES)
def game(request, small_networks, playing):
  modules = small_networks(request.param)[:2]
  variables = tuple(
    playing.random_variables(module, inputs, playing.classes)
    for module, inputs in zip(modules, (playing.latents, playing.pixels), strict=True)
  )

  def outputs(params, classes, real):
    (g, gv), (d, dv) = (
      (module, {**v, "params": p}) for module, v, p in zip(modules, variables, params, strict=True)
    )
    fake = playing.apply(g, gv, playing.latents, classes, playing.key)
    # Compiled once for real (1) and fake (0).
    seen = real * playing.pixels + (1 - real) * fake[0]
    judgement = playing.apply(d, dv, seen, classes, playing.key)
    said = everything_said(judgement[0])
    # Weights that no two outputs share: a mere sum would cancel behind a BatchNorm.
    weights = np.random.default_rng(3).normal(size=said.shape)
    return jnp.sum(weights * said), (fake, judgement)

  play = jax.jit(jax.grad(outputs, has_aux=True))
  params = tuple(v["params"] for v in variables)
  gradients, _ = play(params, playing.classes, 0.0)
  _, (fake, real) = play(params, playing.classes, 1.0)
  _, others = play(params, np.roll(playing.classes, 1, axis=1), 1.0)
  return Game(request.param, variables, gradients, fake, real, others)


def test_a_generator_makes_pixels_of_the_images_shape_between_minus_one_and_one(game):
  pixels, _ = game.fake
  assert pixels.shape == (6, 32, 32, 2)
  assert pixels.dtype == np.float32
  assert 0.01 < np.abs(pixels).max() <= 1


def test_a_discriminator_gives_a_logit_an_image_and_class_logits_where_it_classifies(game):
  judgement, _ = game.real
  assert judgement.logits.shape == (6,)
  if game.name == "acgan":
    assert judgement.class_logits.shape == (6, 3)
  else:
    assert judgement.class_logits is None


@pytest.mark.parametrize("player", [0, 1], ids=["generator", "discriminator"])
def test_a_gradient_flows_to_every_parameter(game, player):
  leaves = jax.tree_util.tree_leaves_with_path(game.gradients[player])
  sizes = {jax.tree_util.keystr(path): np.abs(leaf).max() for path, leaf in leaves}
  # Where the true gradient is 0, rounding leaves 1e-7 of the others.
  assert min(sizes.values()) > 1e-4 * max(sizes.values()), sizes


def test_the_class_changes_what_a_conditional_generator_draws_and_no_other(game):
  difference = np.abs(game.fake[0] - game.others[0][0]).max()
  assert difference > 1e-3 if game.name in build.CONDITIONAL else difference == 0


def test_the_class_changes_what_a_discriminator_that_reads_it_says_and_no_other(game):
  difference = np.abs(everything_said(game.real[0]) - everything_said(game.others[1][0])).max()
  assert difference > 1e-3 if game.name in JUDGING_BY_CLASS else difference == 0


def test_two_devices_with_half_a_batch_each_compute_what_one_does(game, small_networks, playing):
  g, d = small_networks(game.name, axis_name="device")[:2]
  g_variables, d_variables = game.variables

  def share(latents, pixels, classes, key):
    fake = playing.apply(g, g_variables, latents, classes, key)
    return fake, playing.apply(d, d_variables, pixels, classes, key)

  # vmap's axis stands for the devices. Statistics and dropout's masks are of the whole batch.
  devices = jax.jit(jax.vmap(share, in_axes=(0, 0, 0, None), axis_name="device"))
  whole_batch = (playing.latents, playing.pixels, playing.classes)
  shares = devices(*(x.reshape(2, 3, *x.shape[1:]) for x in whole_batch), playing.key)
  for (whole, stats), (parts, new) in zip((game.fake, game.real), shares, strict=True):
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(parts), strict=True):
      np.testing.assert_allclose(a, b.reshape(a.shape), rtol=0, atol=1e-4 * np.abs(a).max())
    for a, b in zip(jax.tree.leaves(stats), jax.tree.leaves(new), strict=True):
      np.testing.assert_allclose(np.stack([a, a]), b, rtol=1e-4, atol=1e-5)
