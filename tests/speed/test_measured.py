import jax
import numpy as np
import pytest

from dcgan_jax.batch import Batch
from dcgan_jax.speed.measured import Measurement, measure


def made(**fields):
  given = {
    "devices": 2, "device": "cpu", "batch_size": 16, "steps": 8, "seconds": [0.5, 0.25, 1.0],
    "flops": 4e9, "peak": 8e9, "compile_cold": 3.0, "compile_warm": 1.0, "memory": 2**30,
  }  # fmt: skip
  return Measurement(**(given | fields))


def test_speed_is_that_of_the_median_update():
  assert made().step_seconds == 0.5
  assert made().images_per_second == 32.0


def test_the_share_of_the_peak_is_of_all_devices():
  # 4 GFLOP in half a second on two devices that do 8 GFLOP/s each.
  assert made().share_of_peak == 0.5


@pytest.fixture(scope="module")
def measured(data_dir):
  from small import small_config

  config = small_config(data_dir)
  cache = jax.config.values["jax_compilation_cache_dir"]
  draw = np.random.default_rng(0).integers
  data = Batch(draw(0, 256, (20, 2304), np.uint8), np.zeros(20, np.int32))
  measurement = measure(config, data, (48, 48, 1), 0, least=0.0)
  assert jax.config.values["jax_compilation_cache_dir"] == cache
  return measurement


@pytest.mark.slow  # test_benchmark.py measures once, end to end
def test_five_dispatches_are_timed_at_least(measured):
  assert len(measured.seconds) == 5
  assert all(seconds > 0 for seconds in measured.seconds)


@pytest.mark.slow
def test_the_figures_are_those_of_this_device_and_config(measured):
  # Dispatches of 4 are cut to the 3 steps between checkpoints.
  assert (measured.devices, measured.batch_size, measured.steps) == (1, 8, 3)
  assert measured.device == jax.devices()[0].device_kind
  assert measured.memory > 50 * 2**20  # Python and jax alone are more
