"""The newest checkpoint that is whole: damage costs the steps since the one before, no more."""

import pathlib
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from dcgan_jax.checkpoints import DamagedError
from dcgan_jax.errors import UserError

T = TypeVar("T")


def newest_intact(
  workdir: pathlib.Path, steps: Sequence[int], use: Callable[[int], T]
) -> tuple[T, list[int]]:
  """Uses the newest checkpoint, or where that is damaged the one before it, and says so.

  Args:
    workdir: whose checkpoints they are, for messages.
    steps: of the checkpoints, oldest first.
    use: reads the checkpoint of a step.

  Returns:
    What `use` returned, and the damaged steps that were passed over, newest first.

  Raises:
    UserError: there are none, or all are damaged; names what is wrong with each.
  """
  damaged: list[int] = []
  problems: list[str] = []
  for i in reversed(range(len(steps))):
    try:
      return use(steps[i]), damaged
    except DamagedError as error:
      damaged.append(steps[i])
      problems.append(error.problem)
      if i:
        say = f"{error.problem}\nGoing back to the checkpoint before it, of step {steps[i - 1]:,}."
        print(say, file=sys.stderr, flush=True)
  if not steps:
    raise UserError(f"{workdir}: no checkpoint there.")
  lines = [f"{workdir}: there are checkpoints, but none is whole:", *(f"- {p}" for p in problems)]
  raise UserError(
    "\n".join([*lines, "To begin anew, name another --workdir, or move this one away."])
  )
