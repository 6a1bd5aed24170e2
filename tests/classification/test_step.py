import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.batch import Batch
from dcgan_jax.classification.recipe import make_optimizer
from dcgan_jax.classification.state import create_state
from dcgan_jax.classification.step import (
  augmentation_keys,
  make_update,
  smoothed_cross_entropy,
)
from dcgan_jax.models.expression_classifier import ExpressionClassifier

AXIS = "batch"
BATCH = 8
OPTIMIZER = make_optimizer(BATCH, 4)


def state_and_source():
  images = jax.random.randint(jax.random.key(0), (12, 16, 16, 1), 0, 256).astype(jnp.uint8)
  network = ExpressionClassifier(3, width=2)
  state = create_state(network, OPTIMIZER, (16, 16, 1), seed=0)
  return state, Batch(images, jnp.arange(12) % 3)


@pytest.fixture(scope="module")
def update():
  network = ExpressionClassifier(3, width=2)
  return jax.jit(make_update(network, OPTIMIZER, seed=0, axis_name=None))


INDICES = jnp.array([[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 0, 1, 2, 3]])


def test_a_process_set_to_bfloat16_trains_in_float32():
  update = make_update(ExpressionClassifier(3, width=2), OPTIMIZER, seed=0, axis_name=None)
  with jax.default_matmul_precision("bfloat16"):
    text = jax.jit(update).lower(*state_and_source(), INDICES, jnp.int32(1)).as_text()
  assert "bf16" not in text


def test_smoothing_moves_a_tenth_of_the_target_to_all_classes():
  # Probabilities 3/4 and 1/4; the target for class 0 is 0.95 and 0.05.
  logits = jnp.array([[math.log(3), 0.0]])
  expected = -(0.95 * math.log(0.75) + 0.05 * math.log(0.25))
  assert smoothed_cross_entropy(logits, jnp.array([0])) == pytest.approx(expected, rel=1e-5)


def test_only_the_counted_batches_are_used(update):
  one, metrics = update(*state_and_source(), INDICES, jnp.int32(1))
  other, same = update(*state_and_source(), INDICES.at[1].set(0), jnp.int32(1))
  assert one.step == 1
  jax.tree.map(np.testing.assert_array_equal, (one, metrics), (other, same))


def test_two_dispatches_of_one_step_are_one_of_two(update):
  state, source = state_and_source()
  whole, _ = update(state, source, INDICES, jnp.int32(2))
  first, _ = update(state, source, INDICES, jnp.int32(1))
  second, _ = update(first, source, INDICES[::-1], jnp.int32(1))
  jax.tree.map(np.testing.assert_array_equal, second, whole)


def test_two_devices_do_the_same_as_one(update):
  """Mapped over an axis, each share of four images has the whole batch's statistics and keys."""
  network = ExpressionClassifier(3, width=2, axis_name=AXIS)
  shared = make_update(network, OPTIMIZER, seed=0, axis_name=AXIS)
  mapped = jax.jit(jax.vmap(shared, axis_name=AXIS, in_axes=(None, None, 1, None)))
  two, two_metrics = mapped(*state_and_source(), INDICES.reshape(2, 2, BATCH // 2), jnp.int32(1))
  one, one_metrics = update(*state_and_source(), INDICES, jnp.int32(1))

  def close(a, b):
    np.testing.assert_allclose(a[0], b, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(a[1], a[0], rtol=1e-6)

  jax.tree.map(close, two_metrics, one_metrics)
  # The rate of the first update is 0: what it changes are the statistics and the momentum, whose
  # entries are gradients.
  jax.tree.map(close, two.batch_stats, one.batch_stats)
  scale = max(np.abs(leaf).max() for leaf in jax.tree.leaves(one.opt_state))
  for a, b in zip(jax.tree.leaves(two.opt_state), jax.tree.leaves(one.opt_state), strict=True):
    np.testing.assert_allclose(a[0], b, atol=1e-4 * scale)


def test_every_image_of_every_update_has_a_key_of_its_own():
  data = [jax.random.key_data(augmentation_keys(0, jnp.int32(step), 4)) for step in (0, 1)]
  assert len(np.unique(np.concatenate(data), axis=0)) == 8
  other_seed = jax.random.key_data(augmentation_keys(1, jnp.int32(0), 4))
  assert not np.array_equal(other_seed, data[0])
