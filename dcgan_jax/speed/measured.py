"""The training dispatch on the present device, compiled and timed."""

import resource
import statistics
import sys
import tempfile
import time
from typing import NamedTuple

import jax
import numpy as np
from jax.experimental.compilation_cache import compilation_cache
from ml_collections import ConfigDict

from dcgan_jax import config as configs
from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.program import Program, make_program
from dcgan_jax.speed.flops import step_flops
from dcgan_jax.speed.peak import matmul_peak
from dcgan_jax.waiting import bar, doing

_LEAST = 5  # dispatches


class Measurement(NamedTuple):
  """How fast a config trains here."""

  devices: int
  device: str
  batch_size: int
  steps: int  # updates in a dispatch
  seconds: list[float]  # of an update, the mean of each dispatch
  flops: float  # of an update, see speed/flops.py
  peak: float  # FLOP/s that this device's matrix products reach, just before and after
  compile_cold: float  # seconds to trace and compile the dispatch
  compile_warm: float  # the same with a compilation cache that has it
  memory: int  # bytes, the most that were in use: of the device, on a CPU of the process

  @property
  def step_seconds(self) -> float:
    """The median update."""
    return statistics.median(self.seconds)

  @property
  def images_per_second(self) -> float:
    """At the median update, over all devices."""
    return self.batch_size / self.step_seconds

  @property
  def share_of_peak(self) -> float:
    """FLOPs a second as a share of what matrix products reach."""
    return self.flops / self.step_seconds / (self.peak * self.devices)


def measure(
  config: ConfigDict, data: Batch, image_shape: tuple[int, int, int], num_classes: int, least: float
) -> Measurement:
  """Compiles the dispatch twice and times it for a while.

  Args:
    config: a checked config.
    data: uint8 rows and int32 labels, as feed.py places them.
    image_shape: height, width, channels.
    num_classes: of the data.
    least: seconds to measure for; longer where five dispatches take longer.
  """
  steps = configs.longest_dispatch(config, jax.default_backend())
  with doing("compiling, without the compilation cache and with it"):
    cold, warm = _compile_times(config, image_shape, num_classes, data, steps)
  peak = matmul_peak(config.precision)
  program = make_program(config, image_shape, num_classes)
  seconds = _timed(program, data, steps, config.batch_size, least)
  device = jax.devices()[0]
  return Measurement(
    devices=jax.device_count(),
    device=device.device_kind,
    batch_size=config.batch_size,
    steps=steps,
    seconds=seconds,
    flops=step_flops(config, image_shape, num_classes),
    peak=max(peak, matmul_peak(config.precision)),
    compile_cold=cold,
    compile_warm=warm,
    memory=_most_memory(),
  )


def _timed(program: Program, data: Batch, steps: int, batch_size: int, least: float) -> list[float]:
  """Seconds of an update in one dispatch after another, each brought to its end."""
  state = parallel.replicate(program.initial_state())
  source = parallel.replicate(data)
  picks = np.random.default_rng(0).integers(0, len(data.images), (steps, batch_size), np.int32)
  with doing("compiling what is measured"):
    state, metrics = program.update(state, source, picks, steps)
    jax.block_until_ready(metrics)
  seconds: list[float] = []
  with bar("measuring", " updates") as shown:
    while len(seconds) < _LEAST or steps * sum(seconds) < least:
      began = time.perf_counter()
      state, metrics = program.update(state, source, picks, steps)
      jax.block_until_ready(metrics)
      seconds.append((time.perf_counter() - began) / steps)
      shown.update(steps)
  return seconds


def _compile_times(
  config: ConfigDict,
  image_shape: tuple[int, int, int],
  num_classes: int,
  data: Batch,
  steps: int,
) -> tuple[float, float]:
  """Seconds to trace and compile into an empty compilation cache, and out of a full one."""
  picks = jax.ShapeDtypeStruct((steps, config.batch_size), "int32")
  times = []
  with tempfile.TemporaryDirectory() as cache:
    before = jax.config.values["jax_compilation_cache_dir"]
    _use_cache(cache)
    try:
      for _ in range(2):
        jax.clear_caches()
        program = make_program(config, image_shape, num_classes)
        state = jax.eval_shape(program.initial_state)
        began = time.perf_counter()
        program.update.lower(state, data, picks).compile()
        times.append(time.perf_counter() - began)
    finally:
      _use_cache(before)
  cold, warm = times
  return cold, warm


def _use_cache(folder: str | None) -> None:
  jax.config.update("jax_compilation_cache_dir", folder)
  compilation_cache.reset_cache()  # jax keeps to the folder that it used first


def _most_memory() -> int:
  on_device = parallel.peak_device_memory()
  if on_device is not None:
    return on_device
  unit = 1 if sys.platform == "darwin" else 1024
  return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
