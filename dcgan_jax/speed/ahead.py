"""The training dispatch compiled for TPUs that are not here, and what the compiler says of it."""

import os
import time
from typing import Any, NamedTuple

import jax
from jax.experimental import topologies
from ml_collections import ConfigDict

from dcgan_jax import config as configs
from dcgan_jax.batch import Batch
from dcgan_jax.errors import UserError
from dcgan_jax.program import make_program
from dcgan_jax.speed import chips, hlo
from dcgan_jax.waiting import doing

# Gradients of a network come by the megabyte, BatchNorm's statistics by the kilobyte.
_GRADIENTS = 2**19


class Estimate(NamedTuple):
  """A dispatch on one device of a slice: the compiler's word, not a measurement."""

  name: str
  steps: int  # updates in the dispatch
  arguments: int  # bytes: state and data set
  temporaries: int  # bytes
  memory: int  # bytes a device has
  flops: float  # of an update, on one device
  traffic: float  # bytes an update moves to and from the device's memory
  reductions: list[hlo.Reduction]  # in an update, and those of the metrics at a dispatch's end
  transfers: list[str]  # what reaches for the host; nothing should
  relayouts: list[str]  # copies of the whole data set; none should be
  compute_seconds: float  # an update at the chip's peak
  memory_seconds: float  # an update at its memory's bandwidth
  links_seconds: float  # an update's all-reduces at the bandwidth of the links
  compile_seconds: float

  @property
  def fits(self) -> bool:
    """Whether a device's memory holds it."""
    return self.arguments + self.temporaries <= self.memory

  @property
  def gradient_reductions(self) -> list[hlo.Reduction]:
    """Those all-reduces that bring gradients."""
    return [reduction for reduction in self.reductions if reduction.largest >= _GRADIENTS]

  @property
  def step_seconds(self) -> float:
    """The slowest of the three bounds.

    The compiler counts what stays in a chip's fast memory as traffic too, so that an update may be
    faster than the memory's bound.
    """
    return max(self.compute_seconds, self.memory_seconds, self.links_seconds)


def compile_for(
  name: str, config: ConfigDict, data: Batch, image_shape: tuple[int, int, int], num_classes: int
) -> Estimate:
  """Compiles the dispatch as train.py would run it there, the data set on every device.

  Args:
    name: one of chips.SLICES.
    config: checked for so many devices.
    data: shapes and dtypes of the set in rows, as feed.py places it.
    image_shape: height, width, channels.
    num_classes: of the data.

  Raises:
    UserError: no such slice, or no TPU compiler.
  """
  there = chips.find_slice(name)
  program = make_program(config, image_shape, num_classes, _devices(there))
  state = jax.eval_shape(program.initial_state)
  steps = configs.longest_dispatch(config, "tpu")
  picks = jax.ShapeDtypeStruct((steps, config.batch_size), "int32")
  began = time.perf_counter()
  with doing(f"compiling for {name}, for a minute or two"):
    compiled = program.update.lower(state, data, picks).compile()
  seconds = time.perf_counter() - began
  return _read(name, there, compiled, steps, data, seconds)


def _read(
  name: str, there: chips.Slice, compiled: Any, steps: int, data: Batch, seconds: float
) -> Estimate:
  memory, cost, text = compiled.memory_analysis(), compiled.cost_analysis(), compiled.as_text()
  reductions = hlo.reductions(text)
  # A ring sends and receives each byte twice, but for the share that is there already.
  rounds = 2 * (there.devices - 1) / there.devices
  sent = rounds * sum(reduction.num_bytes for reduction in reductions)
  chip = there.chip
  return Estimate(
    name=name,
    steps=steps,
    arguments=memory.argument_size_in_bytes,
    temporaries=memory.temp_size_in_bytes,
    memory=chip.memory,
    # The compiler counts a loop's body once.
    flops=cost["flops"],
    traffic=cost["bytes accessed"],
    reductions=reductions,
    transfers=hlo.transfers(text),
    relayouts=hlo.copies(text, data.images.size),
    compute_seconds=cost["flops"] / chip.flops,
    memory_seconds=cost["bytes accessed"] / chip.bandwidth,
    links_seconds=sent / chip.links,
    compile_seconds=seconds,
  )


def _devices(there: chips.Slice) -> list[jax.Device]:
  # Nothing runs on a TPU: another process may have it, or compile as well.
  os.environ.setdefault("ALLOW_MULTIPLE_LIBTPU_LOAD", "1")
  try:
    description = topologies.get_topology_desc(
      topology_name=there.topology, platform="tpu", **there.options
    )
  except (RuntimeError, ImportError, ValueError) as error:
    reason = str(error).strip().splitlines()[0][:200]
    raise UserError(
      f"--compile-for: the TPU compiler cannot be had ({reason}).\n"
      'Install it, a TPU is not needed:  pip install ".[tpu]"'
    ) from error
  return list(description.devices)
