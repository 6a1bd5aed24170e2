"""The only file that knows about devices: one batch axis, split over all of them by pmap."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

PyTree = Any

AXIS = "batch"


def data_parallel(update: Callable[..., Any]) -> Callable[..., Any]:
  """Maps `update(state, batches, count)` over all devices, the state replicated and donated.

  The result takes batches as a tree of arrays [K, global batch, ...] on the host and gives each
  device its equal share. With `in_axes=None` the state keeps no device axis: it is one array per
  leaf, placed on every device, and a checkpoint of it is one copy whatever the topology.
  """
  mapped = jax.pmap(
    update, axis_name=AXIS, in_axes=(None, 1, None), out_axes=(None, None), donate_argnums=(0,)
  )
  devices = jax.local_device_count()

  def share(stack: np.ndarray) -> np.ndarray:
    steps, batch, *shape = stack.shape
    return stack.reshape(steps, devices, batch // devices, *shape)

  def run(state: PyTree, batches: PyTree, count: int) -> Any:
    return mapped(state, jax.tree.map(share, batches), np.int32(count))

  return run


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
  mesh = jax.sharding.Mesh(np.array(jax.devices()), (AXIS,))
  return jax.device_put(tree, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec()))


def axis_size(axis_name: str | None) -> int:
  """How many devices share the mapped axis; 1 outside of one."""
  return 1 if axis_name is None else jax.lax.axis_size(axis_name)


def mean(tree: PyTree, axis_name: str | None) -> PyTree:
  """Averages every leaf over the mapped axis, in one combined all-reduce; identity outside."""
  return tree if axis_name is None else jax.lax.pmean(tree, axis_name)


def own_share(batch: jax.Array, axis_name: str | None) -> jax.Array:
  """This device's slice [n / devices, ...] of a global batch [n, ...] that divides evenly."""
  if axis_name is None:
    return batch
  share = batch.shape[0] // axis_size(axis_name)
  start = jax.lax.axis_index(axis_name) * share
  return jax.lax.dynamic_slice_in_dim(batch, start, share)
