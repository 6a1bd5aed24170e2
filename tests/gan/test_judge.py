import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.augment import augment
from dcgan_jax.gan.judge import Turn, augmentation_share, make_judge
from dcgan_jax.models.networks import Judgement, Networks
from dcgan_jax.randomness import Stream, stream_key

PIXELS = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype(np.float32)


class Echo(nn.Module):
  """Says of an image the sum of what it sees, times a weight; counts its passes."""

  @nn.compact
  def __call__(self, pixels, classes=None, train=True):
    passes = self.variable("batch_stats", "passes", jnp.zeros, ())
    passes.value += 1
    return Judgement(self.param("weight", nn.initializers.ones, ()) * pixels.sum(axis=(1, 2, 3)))


class Dropping(nn.Module):
  """Judges by the pixels that dropout leaves."""

  @nn.compact
  def __call__(self, pixels, classes=None, train=True):
    left = nn.Dropout(0.5, deterministic=not train)(pixels)
    return Judgement(self.param("weight", nn.initializers.ones, ()) * left.sum(axis=(1, 2, 3)))


def networks_of(discriminator):
  return Networks(None, discriminator, 5, "normal", (16, 16, 1), 0)


def judged(config, step, turn):
  networks = networks_of(Echo())
  judge = make_judge(networks, config, None)
  stats = {"passes": jnp.zeros(())}
  judgement, stats = judge(
    {"weight": jnp.float32(2)}, stats, PIXELS, jnp.zeros((4, 0)), jnp.array(step), turn
  )
  assert float(stats["passes"]) == 1
  return np.asarray(judgement.logits)


@pytest.mark.parametrize("turn", list(Turn))
def test_every_turn_sees_images_changed_in_a_way_of_its_own(config, turn):
  config.seed, config.augmentation = 3, "translation, cutout"
  key = jax.random.fold_in(stream_key(3, Stream.AUGMENTATION, 7), turn)
  seen = augment(PIXELS, ("translation", "cutout"), key, None)
  expected = 2 * np.asarray(seen).sum(axis=(1, 2, 3))
  np.testing.assert_allclose(judged(config, 7, turn), expected, rtol=1e-4)
  others = [judged(config, 7, other) for other in Turn if other != turn]
  for other in [*others, judged(config, 8, turn)]:
    assert not np.allclose(other, expected, rtol=1e-4)


@pytest.mark.parametrize(
  ("start", "ramp", "shares"),
  [
    (0, 0, {0: 1.0, 9: 1.0}),
    (0, 10, {0: 0.1, 3: 0.4, 9: 1.0, 25: 1.0}),
    (5, 10, {0: 0.0, 4: 0.0, 5: 0.1, 8: 0.4, 14: 1.0, 25: 1.0}),
    (5, 0, {0: 0.0, 4: 0.0, 5: 1.0}),
  ],
)
def test_the_share_of_changed_images_grows_from_none_to_all(config, start, ramp, shares):
  config.augmentation_start, config.augmentation_ramp = start, ramp
  for step, expected in shares.items():
    found = augmentation_share(config, jnp.array(step))
    assert (1.0 if found is None else float(found)) == pytest.approx(expected)


def test_the_judge_sees_that_share_of_the_images_changed(config):
  config.seed, config.augmentation, config.augmentation_ramp = 3, "translation,cutout", 10
  key = jax.random.fold_in(stream_key(3, Stream.AUGMENTATION, 3), Turn.REAL)
  seen = augment(PIXELS, ("translation", "cutout"), key, None, jnp.float32(0.4))
  expected = 2 * np.asarray(seen).sum(axis=(1, 2, 3))
  np.testing.assert_allclose(judged(config, 3, Turn.REAL), expected, rtol=1e-4)


def test_without_augmentation_the_images_are_seen_as_they_are(config):
  expected = 2 * PIXELS.sum(axis=(1, 2, 3))
  np.testing.assert_allclose(judged(config, 7, Turn.FAKE), expected, rtol=1e-4)


def test_dropout_is_drawn_anew_for_every_turn_and_step(config):
  config.seed = 3
  judge = make_judge(networks_of(Dropping()), config, None)

  def logits(step, turn):
    judgement, stats = judge(
      {"weight": jnp.float32(1)}, {}, PIXELS, jnp.zeros((4, 0)), jnp.array(step), turn
    )
    assert stats == {}
    return tuple(np.asarray(judgement.logits).tolist())

  turns = [(step, turn) for step in (7, 8) for turn in Turn]
  drawn = [logits(*turn) for turn in turns]
  assert len(set(drawn)) == len(turns)
  assert [logits(*turn) for turn in turns] == drawn
