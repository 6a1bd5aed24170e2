import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.batch import Batch
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.gan.step import make_step
from dcgan_jax.gan.update import make_update
from dcgan_jax.models.build import build


def test_many_updates_in_one_dispatch_are_the_same_bits_as_one_at_a_time(config):
  networks = build(config.model, (48, 48, 1), 0)
  optimizers = make_optimizers(config.optimizer)
  start = create_state(networks, optimizers, config.seed)
  update = jax.jit(make_update(make_step(networks, optimizers, config, None), None))
  images = np.random.default_rng(0).integers(0, 256, (4, 8, 48, 48, 1), dtype=np.uint8)
  labels = np.zeros((4, 8), np.int32)
  together, mean = update(start, Batch(images, labels), jnp.int32(3))
  state, each = start, []
  for i in range(3):
    state, metrics = update(state, Batch(np.roll(images, -i, axis=0), labels), jnp.int32(1))
    each.append(metrics)
  jax.tree.map(np.testing.assert_array_equal, together, state)
  for name, value in mean.items():
    np.testing.assert_allclose(value, np.mean([m[name] for m in each]), rtol=1e-6)
