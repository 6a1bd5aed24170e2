import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.classification.recipe import Recipe, make_optimizer


def rates(batch_size, total_steps):
  """The learning rate of each update, read off a parameter with a gradient of 1 and no momentum.

  Nesterov's step on a constant gradient is rate · (1 + 0.9 + … ), so each update is divided by the
  sum it has by then.
  """
  optimizer = make_optimizer(batch_size, total_steps)
  params = {"bias": jnp.zeros(1)}  # one axis: no weight decay
  state, found, trace = optimizer.init(params), [], 0.0
  for _ in range(total_steps):
    updates, state = optimizer.update({"bias": jnp.ones(1)}, state, params)
    trace = 0.9 * trace + 1
    found.append(-float(updates["bias"][0]) / (1 + 0.9 * trace))
  return found


def test_the_last_updates_are_counted_up_to_whole_epochs():
  # 3 epochs of 100 images are 300 images: 4 batches of 64 are 256, so a fifth is needed.
  assert Recipe(epochs=3, batch_size=64).total_steps(100) == 5


def test_the_rate_rises_to_that_of_the_batch_and_falls_to_0():
  found = rates(batch_size=128, total_steps=40)
  # 0.1 for 256 images is 0.05 for 128; a twentieth of 40 updates warm up.
  assert found[0] == 0
  assert found[2] == pytest.approx(0.05, rel=1e-4)
  assert max(found) == pytest.approx(0.05, rel=1e-4)
  assert all(np.diff(found[2:]) < 0)
  # A cosine over the 38 updates after the warm-up, at the last of them.
  assert found[-1] == pytest.approx(0.05 * (1 + np.cos(np.pi * 37 / 38)) / 2, rel=1e-3)


def test_weight_decay_pulls_kernels_and_spares_biases():
  optimizer = make_optimizer(batch_size=256, total_steps=20)
  params = {"kernel": jnp.ones((2, 2)), "bias": jnp.ones(2)}
  state = optimizer.init(params)
  zero = {"kernel": jnp.zeros((2, 2)), "bias": jnp.zeros(2)}
  _, state = optimizer.update(zero, state, params)
  updates, _ = optimizer.update(zero, state, params)  # the first update's rate is 0
  # Decay 5e-4 is the gradient; its trace by the second update is 1.9, and 1 + 0.9 · 1.9 = 2.71.
  np.testing.assert_allclose(updates["kernel"], -0.1 * 5e-4 * 2.71, rtol=1e-4)
  np.testing.assert_array_equal(updates["bias"], 0)
