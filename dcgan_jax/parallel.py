"""The only file that knows about devices: one batch axis, split over all of them by pmap.

Where several processes train together, each places arrays on its own devices alone, and brings its
own rows of every batch: process after process, as jax numbers the devices.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from dcgan_jax.errors import UserError
from dcgan_jax.waiting import doing

PyTree = Any

AXIS = "batch"


def check_devices() -> None:
  """Finds the devices, which jax does once.

  Raises:
    UserError: there are none: another process holds them, or JAX_PLATFORMS names what is not here;
      or of several processes some have more than others.
  """
  try:
    with doing("looking for devices"):  # a TPU takes seconds
      jax.devices()
  except (RuntimeError, AssertionError) as error:  # the latter where a platform's plugin is missing
    platforms = os.environ.get("JAX_PLATFORMS", "")
    reason = (str(error).splitlines() or [f"JAX_PLATFORMS={platforms} is not to be had"])[0]
    raise UserError(
      f"no device to compute on: {reason[:200]}\n"
      "Where a training holds the accelerator, compute on the CPU: set JAX_PLATFORMS=cpu, or give "
      "evaluate --device=cpu."
    ) from error
  if jax.local_device_count() * jax.process_count() != jax.device_count():
    raise UserError(
      f"this process has {jax.local_device_count()} of {jax.device_count()} devices, of "
      f"{jax.process_count()} processes: give each the same number."
    )


class DataParallel:
  """`update(state, source, batches, count)` on all devices, each with its share of the batches.

  The state is replicated and donated, the source (the whole data set, or None) replicated. With
  `in_axes=None` neither has a device axis: it is one array per leaf, placed on every device, and a
  checkpoint of it is one copy whatever the topology.
  """

  def __init__(self, update: Callable[..., Any], devices: Sequence[jax.Device] | None = None):
    """Maps an update; compiled when it is first called.

    Args:
      update: of (state, source, batches, count), with one device's batches [K, share, ...].
      devices: all there are, unless others are named: those of a topology that is not here.
    """
    self._devices = tuple(devices or jax.local_devices())
    self._mapped = jax.pmap(
      update,
      axis_name=AXIS,
      in_axes=(None, None, 1, None),
      out_axes=(None, None),
      donate_argnums=(0,),
      devices=devices,
    )

  def __call__(self, state: PyTree, source: PyTree, batches: PyTree, count: int) -> Any:
    """Runs `count` updates.

    Args:
      state: from `replicate`, or returned by the last call; it is gone afterwards.
      source: from `replicate`, or None.
      batches: a tree of arrays [K, batch, ...] on the host: this process's rows of the global
        batch, divisible by its devices.
      count: how many of the K batches are used, 1 to K.

    Returns:
      What `update` returns, replicated.
    """
    mesh = _mesh(self._devices)
    # Explicit, so that jax.transfer_guard holds in the tests: nothing else crosses over.
    shares = jax.device_put(jax.tree.map(self._share, batches), _placed(mesh, None, AXIS))
    return self._mapped(state, source, shares, jax.device_put(np.int32(count), _placed(mesh)))

  def lower(self, state: PyTree, source: PyTree, batches: PyTree) -> Any:
    """The same program, traced for arguments of these shapes and not run: `.compile()` it."""
    count = jax.ShapeDtypeStruct((), np.int32)
    return self._mapped.lower(state, source, jax.tree.map(self._share_shape, batches), count)

  def _split(self, shape: tuple[int, ...]) -> tuple[int, ...]:
    steps, batch, *rest = shape
    return (steps, len(self._devices), batch // len(self._devices), *rest)

  def _share(self, stack: np.ndarray) -> np.ndarray:
    return stack.reshape(self._split(stack.shape))

  def _share_shape(self, stack: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(self._split(stack.shape), stack.dtype)


def map_batch(function: Callable[[PyTree, jax.Array], jax.Array]) -> Callable[..., jax.Array]:
  """Maps `function(tree, batch)` over all devices, each with an equal share of the batch.

  The result takes a replicated tree and a batch [n, ...] on the host, n divisible by the devices,
  and returns the function's results in the batch's order.
  """
  mapped = jax.pmap(function, in_axes=(None, 0))
  devices = jax.local_device_count()

  def run(tree: PyTree, batch: np.ndarray) -> jax.Array:
    results = mapped(tree, batch.reshape(devices, -1, *batch.shape[1:]))
    return results.reshape(len(batch), *results.shape[2:])

  return run


def replicate(tree: PyTree) -> PyTree:
  """Places one copy of every leaf on each device, as the mapped update returns them.

  Without it the first update would compile for one placement and the second for another.
  """
  return jax.device_put(tree, _placed(_mesh(jax.local_devices())))


def own_rows(batch_size: int) -> slice:
  """Which rows of a global batch are this process's: all of them, where it is the only one."""
  rows = batch_size // jax.process_count()
  return slice(jax.process_index() * rows, (jax.process_index() + 1) * rows)


def device_memory() -> int | None:
  """Bytes that each device has for us; None where it does not say (a CPU)."""
  stats = jax.local_devices()[0].memory_stats() or {}
  return stats.get("bytes_limit")


def peak_device_memory() -> int | None:
  """The most bytes that were in use on a device so far; None where it does not say (a CPU)."""
  stats = jax.local_devices()[0].memory_stats() or {}
  return stats.get("peak_bytes_in_use")


def _mesh(devices: Sequence[jax.Device]) -> jax.sharding.Mesh:
  return jax.sharding.Mesh(np.array(devices), (AXIS,))


def _placed(mesh: jax.sharding.Mesh, *axes: str | None) -> jax.sharding.NamedSharding:
  return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axes))


def axis_over(devices: Sequence[jax.Device] | None = None) -> str | None:
  """The mapped axis that an update over some devices has to average over.

  None for one device, where an average would copy all that it is of.

  Args:
    devices: all there are, unless others are named.
  """
  return AXIS if len(devices or jax.devices()) > 1 else None


def axis_size(axis_name: str | None) -> int:
  """How many devices share the mapped axis; 1 outside of one."""
  return 1 if axis_name is None else jax.lax.axis_size(axis_name)


def mean(tree: PyTree, axis_name: str | None) -> PyTree:
  """Averages every leaf over the mapped axis, in one combined all-reduce; identity outside."""
  if axis_name is None:
    return tree
  # The barrier has nobody use one before all are there: else the TPU compiler sends the gradients
  # of the discriminator in four parts, as its layers need them in the generator's turn.
  return jax.lax.optimization_barrier(jax.lax.pmean(tree, axis_name))


def own_share(batch: jax.Array, axis_name: str | None) -> jax.Array:
  """This device's slice [n / devices, ...] of a global batch [n, ...] that divides evenly."""
  if axis_name is None:
    return batch
  share = batch.shape[0] // axis_size(axis_name)
  start = jax.lax.axis_index(axis_name) * share
  return jax.lax.dynamic_slice_in_dim(batch, start, share)
