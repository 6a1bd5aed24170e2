import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.batch import Batch
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.gan.update import make_update
from dcgan_jax.models.build import build

SHAPE = (48, 48, 1)


def start_and_update(config):
  networks = build(config.model, SHAPE, 0)
  optimizers = make_optimizers(config.optimizer)
  start = create_state(networks, optimizers, config.seed)
  step = make_step(networks, optimizers, config, None)
  return start, jax.jit(make_update(step, SHAPE, None))


def test_many_updates_in_one_dispatch_are_the_same_bits_as_one_at_a_time(config):
  start, update = start_and_update(config)
  images = np.random.default_rng(0).integers(0, 256, (4, 8, 48, 48, 1), dtype=np.uint8)
  labels = np.zeros((4, 8), np.int32)
  together, mean = update(start, None, Batch(images, labels), jnp.int32(3))
  state, each = start, []
  for i in range(3):
    state, metrics = update(state, None, Batch(np.roll(images, -i, axis=0), labels), jnp.int32(1))
    each.append(metrics)
  jax.tree.map(np.testing.assert_array_equal, together, state)
  for name, value in mean.items():
    np.testing.assert_allclose(value, np.mean([m[name] for m in each]), rtol=1e-6)


def test_indices_into_a_set_on_the_device_are_the_same_update_as_its_images(config):
  start, update = start_and_update(config)
  images = np.random.default_rng(0).integers(0, 256, (20, *SHAPE), dtype=np.uint8)
  labels = np.zeros(20, np.int32)
  picks = np.random.default_rng(1).integers(0, 20, (4, 8), dtype=np.int32)
  brought = update(start, None, Batch(images[picks], labels[picks]), jnp.int32(3))
  picked = update(start, Batch(images.reshape(20, -1), labels), picks, jnp.int32(3))
  jax.tree.map(np.testing.assert_array_equal, picked, brought)


def test_the_step_is_traced_once_for_all_its_updates(config):
  traced = []
  networks, optimizers = build(config.model, SHAPE, 0), make_optimizers(config.optimizer)
  step = make_step(networks, optimizers, config, None)

  def counted(state, batch):
    traced.append(state)
    return step(state, batch)

  start = create_state(networks, optimizers, config.seed)
  batches = Batch(np.zeros((4, 8, *SHAPE), np.uint8), np.zeros((4, 8), np.int32))
  jax.jit(make_update(counted, SHAPE, None)).lower(start, None, batches, jnp.int32(3))
  assert len(traced) == 1
