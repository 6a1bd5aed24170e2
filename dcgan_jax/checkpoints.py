"""The only file that calls Orbax: one copy of the state per step, with what is needed to use it."""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import pathlib
import re
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from absl import logging
from orbax.checkpoint import checkpoint_managers

from dcgan_jax.checkpoint_files import METADATA, check_metadata, saved_at
from dcgan_jax.digest import hash_arrays
from dcgan_jax.errors import UserError

PyTree = Any
Record = dict[str, Any]

_STATE = "state"
_RECORD = "record"
_SHA256 = "sha256"  # in the record, of the state and of the rest of the record
_EARLY = {"config", "data", "versions", "precision_asked"}  # of records before there were hashes
# What fails for reasons that pass: nothing is wrong with the file.
_PASSING = {
  errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE,
  errno.ETIMEDOUT,
}  # fmt: skip
_DELETION_SECONDS = 0.5  # of a checkpoint by its trainer, file after file


class CheckpointError(UserError):
  """One checkpoint is of no use, though others may be: deleted, damaged, or of a diverged run."""


class DamagedError(CheckpointError):
  """Files of one checkpoint are missing, cut short or changed since they were written."""

  def __init__(self, problem: str):
    """`problem` names the checkpoint and what is wrong; the message has a way out as well."""
    super().__init__(f"{problem}\nName another one with --step.")
    self.problem = problem


class Checkpoints:
  """The checkpoints of one workdir.

  Each holds the state, one copy whatever the topology, and a record: the config, the data set's
  fingerprint and the versions that wrote it. The record has the hashes of both, and what is read
  is what was saved, or an error.
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
      read_only: for readers beside a trainer: nothing is written or deleted. Else what a killed
        trainer has left half written is deleted; that there is no other trainer is the caller's
        business (workdir_lock.py).
    """
    self.directory = pathlib.Path(workdir).absolute() / "checkpoints"
    self._read_only = read_only
    policies = [
      checkpoint_managers.preservation_policy.LatestN(keep_latest),
      checkpoint_managers.preservation_policy.EveryNSteps(keep_every),
    ]
    if not read_only:
      self.directory.mkdir(parents=True, exist_ok=True)
    # Of many processes only one opens a workdir, and waits for no other.
    alone = ocp.options.MultiprocessingOptions(
      primary_host=jax.process_index(), active_processes={jax.process_index()}
    )
    options = ocp.CheckpointManagerOptions(
      preservation_policy=checkpoint_managers.preservation_policy.AnyPreservationPolicy(policies),
      enable_async_checkpointing=not read_only,
      create=False,
      multiprocessing_options=alone,
      cleanup_tmp_directories=not read_only,
      read_only=read_only,
      save_interval_steps=0 if read_only else 1,
    )
    handlers = {
      _STATE: ocp.StandardCheckpointHandler(multiprocessing_options=alone),
      _RECORD: ocp.JsonCheckpointHandler(multiprocessing_options=alone),
    }
    check_metadata(self.directory)
    verbosity = logging.get_verbosity()
    # Orbax warns that what is read only is read only, and shows all of what it cannot read.
    logging.set_verbosity(logging.FATAL)
    try:
      self._manager = ocp.CheckpointManager(self.directory, options=options, item_handlers=handlers)
    except (OSError, MemoryError):
      raise
    except Exception as error:  # on damaged bytes Orbax raises nearly anything
      raise UserError(
        f"{self.directory}: cannot be opened: {_first_line(error)}.\n"
        f"Move away what is no checkpoint in it, or whose {METADATA} is damaged."
      ) from error
    finally:
      logging.set_verbosity(verbosity)

  def steps(self) -> list[int]:
    """The steps that had a finished checkpoint when this was opened or has saved, oldest first."""
    return sorted(self._manager.all_steps())

  def save(self, step: int, state: PyTree, record: Record) -> None:
    """Starts writing a checkpoint and returns; training may go on and donate the state.

    Raises:
      OSError: it, or the one before it, cannot be written. Those that were whole stay so.
    """
    # Orbax reads the arrays in the background; the originals are overwritten by the next dispatch.
    copied = jax.tree.map(np.array, state)
    hashes = {_STATE: hash_arrays(copied), _RECORD: _hash_record(record)}
    items = ocp.args.Composite(
      **{
        _STATE: ocp.args.StandardSave(copied),
        _RECORD: ocp.args.JsonSave({**record, _SHA256: hashes}),
      }
    )
    with self._writing():
      self._manager.save(step, args=items, force=True)

  def saved_at(self, step: int) -> int:
    """When a step was saved, in nanoseconds: tells it from the same step of a run made anew.

    Raises:
      DamagedError, CheckpointError: as for `restore`.
    """
    with self._reading(step):
      return saved_at(self.directory / str(step))

  def record(self, step: int) -> Record:
    """The record saved with a step. Errors as for `restore`."""
    with self._reading(step):
      return self._record(step)[0]

  def restore(self, step: int, like: PyTree) -> PyTree:
    """The state saved with a step.

    Args:
      step: one of `steps()`.
      like: a state of the same structure, shapes and dtypes; its values are not read.

    Raises:
      DamagedError: the checkpoint is not what was saved.
      CheckpointError: it was deleted since it was listed.
      UserError: it cannot be read just now, for reasons that pass.
    """
    device = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    abstract = jax.tree.map(
      lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=device), like
    )
    items = ocp.args.Composite(**{_STATE: ocp.args.StandardRestore(abstract)})
    with self._reading(step):
      _, hashes = self._record(step)
      state = self._manager.restore(step, args=items)[_STATE]
      if hashes and hash_arrays(state) != hashes[_STATE]:
        raise ValueError("its arrays are not those that were saved")
      return state

  def set_aside(self, step: int) -> pathlib.Path:
    """Moves a checkpoint out of the way, into `damaged/` of the workdir, and returns where to.

    Raises:
      OSError: it cannot be moved.
    """
    folder = self.directory.parent / "damaged"
    folder.mkdir(exist_ok=True)
    names = itertools.chain([str(step)], (f"{step}-{i}" for i in itertools.count(2)))
    target = next(folder / name for name in names if not (folder / name).exists())
    (self.directory / str(step)).rename(target)
    self._manager.reload()
    return target

  def _record(self, step: int) -> tuple[Record, dict[str, str]]:
    """The record, and the hashes that it came with: none in those of early versions."""
    # Who reads one thing of it looks at all of it: none is whole in part.
    saved_at(self.directory / str(step))
    items = ocp.args.Composite(**{_RECORD: ocp.args.JsonRestore()})
    record = dict(self._manager.restore(step, args=items)[_RECORD])
    hashes = record.pop(_SHA256, {})
    if hashes:
      whole = hashes[_RECORD] == _hash_record(record)
    else:
      whole = "config" in record and record.keys() <= _EARLY
    if not whole:
      raise ValueError("its record is not the one that was saved")
    return record, hashes

  @contextlib.contextmanager
  def _writing(self) -> Iterator[None]:
    """Turns what TensorStore says of a full disk into the OSError that it was."""
    try:
      yield
    except ValueError as error:
      number = _errno(error)
      if number is None:
        raise
      raise OSError(number, os.strerror(number), str(self.directory)) from error

  @contextlib.contextmanager
  def _reading(self, step: int) -> Iterator[None]:
    """Turns whatever Orbax's readers meet in half a checkpoint into a CheckpointError."""
    folder = self.directory / str(step)
    try:
      yield
    except (UserError, MemoryError, jax.errors.JaxRuntimeError):  # the last is the device's memory
      raise
    except Exception as error:
      if (number := _errno(error)) in _PASSING:
        raise UserError(
          f"{folder}: cannot be read just now: {os.strerror(number)}. Run the same command again."
        ) from error
      if self._read_only:
        time.sleep(_DELETION_SECONDS)  # its trainer may be deleting it
      if not folder.is_dir():
        raise CheckpointError(
          f"checkpoint {step} of {self.directory.parent} was deleted while it was being read.\n"
          "A trainer keeps the newest few: have it keep more with --config.keep_latest."
        ) from error
      raise DamagedError(f"{folder}: the checkpoint is damaged: {_first_line(error)}") from error

  def wait(self) -> None:
    """Blocks until what was saved is on disk. Errors as for `save`."""
    with self._writing():
      self._manager.wait_until_finished()

  def close(self) -> None:
    """Waits for the last save and frees Orbax's threads. Errors as for `save`."""
    with self._writing():
      self._manager.close()


def _first_line(error: Exception) -> str:
  return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _errno(error: Exception) -> int | None:
  """The system's number of an error, which TensorStore has in its text; None where it has none."""
  if isinstance(error, OSError):
    return error.errno
  code = re.search(r"\[os_error_code='(\d+)'\]", str(error))
  return int(code[1]) if code else None


def _hash_record(record: Record) -> str:
  return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


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
