"""Injects faults into the commands, has them run again, and prints what became of each.

python -m tests.faults.campaign [--times=5] [--seed=0] [--only=in_training,full_disk]

From the top of the checkout, in an environment that has the package. A fault is survived where the
run ends in the bits of a run that nothing disturbed, and the messages are those that are promised.
"""

import argparse
import pathlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import disks, kills, mishaps
from .place import Place

_TRIES = 5  # a random moment may come too late
Fault = Callable[[Place, pathlib.Path, random.Random], str]


class Outcome(NamedTuple):
  """What became of one kind of fault."""

  fault: str
  injected: int
  failures: list[str]
  notes: list[str]
  unavailable: bool  # this machine does not let us inject it
  seconds: float


RANDOM: tuple[Fault, ...] = (
  kills.in_training,
  kills.in_a_checkpoint_write,
  kills.at_the_start,
  kills.by_sigterm,
  kills.in_preparation,
  kills.in_evaluation,
  kills.in_sampling,
  kills.beside_an_evaluator,
  disks.damaged_checkpoint,
  disks.full_disk,
)
ONCE: tuple[Fault, ...] = (
  disks.read_only,
  mishaps.two_trainers,
  mishaps.clock_backwards,
  mishaps.not_a_number,
)


def campaign(place: Place, times: int, seed: int, only: set[str]) -> Iterator[Outcome]:
  """Injects each fault, those at random moments several times.

  Args:
    place: to work in.
    times: how often those are injected that depend on the moment.
    seed: of the moments.
    only: names of faults; empty for all.
  """
  for fault in (*RANDOM, *ONCE):
    name = fault.__name__
    if only and name not in only:
      continue
    rng, failures, notes = random.Random(f"{seed} {name}"), [], []
    injected, unavailable = 0, False
    began = time.monotonic()
    wanted = times if fault in RANDOM else 1
    for i in range(_TRIES * wanted):
      if injected == wanted:
        break
      try:
        note = fault(place, place.folder / f"{name}-{i}", rng)
      except AssertionError as error:
        failures.append(f"{i}: {error}")
      except kills.TooLateError:
        notes.append("not injected: too late")
        continue
      except disks.UnavailableError as error:
        notes.append(f"not injected: {error}")
        unavailable = True
        break
      else:
        notes.append(note)
      injected += 1
    yield Outcome(name, injected, failures, notes, unavailable, time.monotonic() - began)


def main() -> int:
  """Prints the table; returns 1 where a fault was not survived."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  parser.add_argument("--times", type=int, default=5, help="injections of each (default 5)")
  parser.add_argument("--seed", type=int, default=0, help="of the moments (default 0)")
  parser.add_argument("--only", default="", help="faults by name, with commas between")
  options = parser.parse_args()
  only = {name for name in options.only.split(",") if name}
  unknown = only - {fault.__name__ for fault in (*RANDOM, *ONCE)}
  if unknown:
    parser.error(f"--only: no such fault: {', '.join(sorted(unknown))}")
  failed = False
  print("| fault | injected | survived | seconds | |\n|---|---|---|---|---|", flush=True)
  with tempfile.TemporaryDirectory(prefix="dcgan_jax_faults_") as folder:
    for outcome in campaign(Place(pathlib.Path(folder)), options.times, options.seed, only):
      survived = outcome.injected - len(outcome.failures)
      note = outcome.notes[-1] if outcome.unavailable else ""
      cells = (outcome.fault, outcome.injected, survived, f"{outcome.seconds:.0f}", note)
      print(f"| {' | '.join(map(str, cells))} |", flush=True)
      for line in (*outcome.failures, *outcome.notes):
        print(f"  {line}", file=sys.stderr, flush=True)
      failed |= bool(outcome.failures)
  return int(failed)


if __name__ == "__main__":
  sys.exit(main())
