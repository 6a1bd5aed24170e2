"""From which checkpoint a training goes on."""

import pathlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from dcgan_jax.checkpoints import Checkpoints, Record
from dcgan_jax.intact import newest_intact
from dcgan_jax.record import check_continues

PyTree = Any


class Begun(NamedTuple):
  """A run that was begun before."""

  step: int  # completed updates
  record: Record  # what its further checkpoints say
  state: PyTree  # on one device


def resume(
  checkpoints: Checkpoints,
  workdir: pathlib.Path,
  make_record: Callable[[Record], Record],
  like: Callable[[], PyTree],
) -> Begun | None:
  """The newest checkpoint that is whole, None where the workdir has none at all.

  Damaged ones that are newer are moved to `workdir/damaged`: the run makes theirs anew.

  Args:
    checkpoints: of the workdir, to be written too.
    workdir: the run's folder.
    make_record: what the run would save, from what a checkpoint says.
    like: makes a state of the run's structure, shapes and dtypes.

  Raises:
    UserError: all are damaged, or they are another run's.
    OSError: a damaged one cannot be moved.
  """

  def use(step: int) -> Begun:
    before = checkpoints.record(step)
    record = make_record(before)
    check_continues(before, record, step, workdir)
    return Begun(step, record, checkpoints.restore(step, like()))

  if not checkpoints.steps():
    return None
  begun, damaged = newest_intact(workdir, checkpoints.steps(), use)
  for step in damaged:
    print(f"The damaged one is kept as {checkpoints.set_aside(step)}.", file=sys.stderr, flush=True)
  return begun
