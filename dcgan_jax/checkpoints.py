"""The only file that knows Orbax: one copy of the state per step, with what is needed to use it."""

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import orbax.checkpoint as ocp
from absl import logging
from orbax.checkpoint import checkpoint_managers

from dcgan_jax.errors import UserError

PyTree = Any
Record = dict[str, Any]

_STATE = "state"
_RECORD = "record"


@jax.jit
def _copy(tree: PyTree) -> PyTree:
  return jax.tree.map(jnp.copy, tree)


class Checkpoints:
  """The checkpoints of one workdir.

  Each holds the state, one copy whatever the topology, and a record: the config, the data set's
  fingerprint and the versions that wrote it.
  """

  def __init__(
    self,
    workdir: pathlib.Path,
    keep_latest: int = 3,
    keep_every: int = 10_000,
    read_only: bool = False,
  ):
    """Opens `workdir/checkpoints`, which is made where it is missing, unless only to be read.

    Args:
      workdir: the run's folder.
      keep_latest: how many of the newest stay.
      keep_every: checkpoints at multiples of this many steps stay for good.
      read_only: for readers beside a trainer: nothing is written or deleted.
    """
    self.directory = pathlib.Path(workdir).absolute() / "checkpoints"
    policies = [
      checkpoint_managers.preservation_policy.LatestN(keep_latest),
      checkpoint_managers.preservation_policy.EveryNSteps(keep_every),
    ]
    options = ocp.CheckpointManagerOptions(
      preservation_policy=checkpoint_managers.preservation_policy.AnyPreservationPolicy(policies),
      enable_async_checkpointing=not read_only,
      create=not read_only,
      read_only=read_only,
      save_interval_steps=0 if read_only else 1,
    )
    handlers = {_STATE: ocp.StandardCheckpointHandler(), _RECORD: ocp.JsonCheckpointHandler()}
    verbosity = logging.get_verbosity()
    if read_only:
      logging.set_verbosity(logging.ERROR)  # Orbax warns that what is to be read only is read only
    try:
      self._manager = ocp.CheckpointManager(self.directory, options=options, item_handlers=handlers)
    finally:
      logging.set_verbosity(verbosity)

  def steps(self) -> list[int]:
    """The steps that had a finished checkpoint when this was opened or has saved, oldest first."""
    return sorted(self._manager.all_steps())

  def save(self, step: int, state: PyTree, record: Record) -> None:
    """Starts writing a checkpoint and returns; training may go on and donate the state."""
    # Orbax reads the arrays in the background; the originals are overwritten by the next dispatch.
    copied = _copy(state)
    items = ocp.args.Composite(
      **{_STATE: ocp.args.StandardSave(copied), _RECORD: ocp.args.JsonSave(record)}
    )
    self._manager.save(step, args=items, force=True)

  def saved_at(self, step: int) -> int:
    """When a step was saved, in nanoseconds: tells it from the same step of a run made anew."""
    return int(self._manager.metadata(step).commit_timestamp_nsecs)

  def record(self, step: int) -> Record:
    """The record saved with a step."""
    items = ocp.args.Composite(**{_RECORD: ocp.args.JsonRestore()})
    return self._manager.restore(step, args=items)[_RECORD]

  def restore(self, step: int, like: PyTree) -> PyTree:
    """The state saved with a step.

    Args:
      step: one of `steps()`.
      like: a state of the same structure, shapes and dtypes; its values are not read.
    """
    device = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    abstract = jax.tree.map(
      lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=device), like
    )
    items = ocp.args.Composite(**{_STATE: ocp.args.StandardRestore(abstract)})
    return self._manager.restore(step, args=items)[_STATE]

  def wait(self) -> None:
    """Blocks until what was saved is on disk."""
    self._manager.wait_until_finished()

  def close(self) -> None:
    """Waits for the last save and frees Orbax's threads."""
    self._manager.close()


def has_checkpoint(workdir: pathlib.Path) -> bool:
  """Whether a run has saved anything; Orbax names a checkpoint by its step once it is whole."""
  return any(path.name.isdecimal() for path in (workdir / "checkpoints").glob("*"))


def find_step(checkpoints: Checkpoints, workdir: pathlib.Path, step: int | None) -> int:
  """The wanted step, or the newest.

  Raises:
    UserError: there is no such checkpoint; names those there are.
  """
  steps = checkpoints.steps()
  if not steps:
    raise UserError(
      f"{workdir}: no checkpoint there.\n"
      f"Train first:  python -m dcgan_jax.main --config=configs/quickstart.py --workdir={workdir}"
    )
  if step is None:
    return steps[-1]
  if step not in steps:
    raise UserError(f"{workdir}: no checkpoint of step {step}; there are {_listing(steps)}.")
  return step


def _listing(steps: list[int]) -> str:
  return ", ".join(str(step) for step in steps)
