import os
import pathlib
import subprocess
import sys

import jax
import numpy as np
import pytest

from dcgan_jax import parallel
from dcgan_jax.errors import UserError

SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("acgan", "projection")]


@pytest.fixture(scope="module", params=["pixelnorm_dcgan", *SLOW])
def first_steps(request, tmp_path_factory):
  """The first update on 1 and on 8 virtual devices, as {name: array} each.

  The acgan has classes, dropout, augmentation, and BatchNorm in both networks; the projection
  spectral norm and both gradient penalties.
  """
  results = {}
  for devices in (1, 8):
    out = tmp_path_factory.mktemp("first_step") / "step.npz"
    flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={devices}"
    script = pathlib.Path(__file__).with_name("first_step.py")
    subprocess.run(
      [sys.executable, script, out, request.param],
      check=True,
      env={**os.environ, "XLA_FLAGS": flags},
    )
    results[devices] = dict(np.load(out))
    assert results[devices]["devices"] == devices
  return results


def compare(first_steps, kind):
  one, eight = first_steps[1], first_steps[8]
  names = [name for name in one if kind in name]
  assert names
  for name in names:
    scale = max(np.abs(one[name]).max(), 1e-30)
    difference = np.abs(one[name] - eight[name]).max() / scale
    assert difference < 1e-5, f"{name}: {difference}"


def test_one_and_eight_devices_give_the_same_losses(first_steps):
  compare(first_steps, "metric discriminator_loss")
  compare(first_steps, "metric generator_loss")
  compare(first_steps, "metric accuracy")


# Adam's first moment after one update is half the gradient.
def test_one_and_eight_devices_give_the_same_discriminator_gradients(first_steps):
  compare(first_steps, "discriminator mu")


def test_one_and_eight_devices_give_the_same_generator_gradients(first_steps):
  compare(first_steps, "generator mu")


def test_batchnorm_statistics_are_those_of_the_global_batch(first_steps):
  compare(first_steps, " stats")


def test_replicated_state_compiles_the_update_once():
  traces = []

  def update(state, source, images, count):
    assert source is None
    traces.append(1)
    return {"w": state["w"] + images.sum() * count}, {"m": images.mean()}

  run = parallel.DataParallel(update)
  state = parallel.replicate({"w": np.zeros(3, np.float32)})
  images = np.ones((2, 4, 1), np.float32)
  for _ in range(3):
    state, _ = run(state, None, images, 1)
  assert len(traces) == 1
  np.testing.assert_array_equal(state["w"], 3 * 8.0)


@pytest.mark.parametrize("resident", [True, False])
def test_a_dispatch_on_eight_devices_brings_nothing_unasked_for(resident):
  # 3 batches of 16 images of 4 bytes, all 1: the first two have 16 · 4 · 2 in sum.
  script = f"""
import jax, numpy as np
from dcgan_jax import parallel

def update(state, source, batches, count):
  images = batches if source is None else source[batches]
  sums = jax.lax.psum(images.sum(axis=(1, 2), dtype=np.float32), parallel.AXIS)
  return state + jax.numpy.where(jax.numpy.arange(3) < count, sums, 0).sum(), {{}}

run = parallel.DataParallel(update)
state = parallel.replicate(np.float32(0))
source = parallel.replicate(np.ones((20, 4), np.uint8)) if {resident} else None
batches = np.zeros((3, 16), np.int32) if {resident} else np.ones((3, 16, 4), np.uint8)
for _ in range(2):
  with jax.transfer_guard("disallow"):
    state, _ = run(state, source, batches, 2)
assert len(state.sharding.device_set) == 8
assert float(state) == 2 * 128, float(state)
"""
  flags = "--xla_force_host_platform_device_count=8"
  subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "XLA_FLAGS": flags})


def test_a_cpu_does_not_say_what_memory_it_has():
  assert parallel.device_memory() is None
  assert parallel.peak_device_memory() is None


@pytest.mark.parametrize(
  ("error", "words"),
  [
    (RuntimeError("Unable to initialize backend 'tpu': in use\nby 123"), "backend 'tpu': in use\n"),
    (AssertionError(), "JAX_PLATFORMS=cuda is not to be had\n"),  # so jax without CUDA's plugin
  ],
)
def test_no_device_is_a_message_with_the_way_round_it(monkeypatch, error, words):
  def devices():
    raise error

  monkeypatch.setenv("JAX_PLATFORMS", "cuda")
  monkeypatch.setattr("jax.devices", devices)
  with pytest.raises(UserError, match=f"no device to compute on: .*{words}.*JAX_PLATFORMS=cpu"):
    parallel.check_devices()


def test_outside_a_mapped_axis_everything_is_the_identity():
  batch = np.arange(6.0)
  assert parallel.axis_size(None) == 1
  assert parallel.own_share(batch, None) is batch
  assert parallel.mean(batch, None) is batch


def test_only_several_devices_have_an_axis_to_average_over():
  (device,) = jax.devices()[:1]
  assert parallel.axis_over([device]) is None
  assert parallel.axis_over([device, device]) == parallel.AXIS


def test_each_device_takes_its_own_slice_of_a_global_batch():
  # vmap's axis stands for the devices: 3 of them cut 6 rows into pairs.
  batch = np.arange(6.0)
  shares = jax.vmap(lambda _: parallel.own_share(batch, "device"), axis_name="device", axis_size=3)(
    np.zeros(3)
  )
  np.testing.assert_array_equal(shares, [[0, 1], [2, 3], [4, 5]])


def test_a_mapped_batch_comes_back_in_its_order():
  weights = parallel.replicate({"w": np.array([1.0, 10.0], np.float32)})
  run = parallel.map_batch(lambda tree, batch: batch @ tree["w"])
  batch = np.arange(12, dtype=np.float32).reshape(6, 2)
  # (0, 1) to 0 + 10·1, (2, 3) to 2 + 10·3, ….
  np.testing.assert_array_equal(run(weights, batch), [10, 32, 54, 76, 98, 120])


def test_eight_devices_each_map_a_share_and_the_order_is_kept(tmp_path):
  # Each device sees 2 of 16 rows, of which the function tells the count and hands the rows on.
  script = f"""
import jax, numpy as np
from dcgan_jax import parallel
run = parallel.map_batch(lambda offset, batch: len(batch) * 1000 + offset + batch)
result = run(parallel.replicate(np.float32(500)), np.arange(32, dtype=np.float32).reshape(16, 2))
np.savez({str(tmp_path / "out.npz")!r}, devices=len(result.sharding.device_set), result=result)
"""
  flags = "--xla_force_host_platform_device_count=8"
  subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "XLA_FLAGS": flags})
  with np.load(tmp_path / "out.npz") as out:
    assert out["devices"] == 8
    np.testing.assert_array_equal(out["result"], 2500 + np.arange(32).reshape(16, 2))
