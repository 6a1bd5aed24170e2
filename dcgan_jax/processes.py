"""Several processes as one training: who is there, who leads, and what all agree on.

Each has its own devices and reads its own share of every batch. Process 0 leads: it alone reads and
writes the workdir, and speaks. The others compute, and need no more than the data set.
"""

import contextlib
import faulthandler
import hashlib
import http.client
import os
import re
import signal
import sys
import threading
import traceback
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple, Self, TypeVar

import jax
import numpy as np
from jax._src import distributed
from jax.experimental import multihost_utils

from dcgan_jax.errors import EXIT_INTERRUPTED, EXIT_USAGE, UserError
from dcgan_jax.interruption import Interruption

PyTree = Any
T = TypeVar("T")

_START_SECONDS = 300  # for the last process to come
_SILENCE_SECONDS = 30  # of a process, after which the others give it up
# What jax says where another process is the reason.
_OTHERS = re.compile(r"UNAVAILABLE|DEADLINE_EXCEEDED|Connection|coordination|gloo|NCCL", re.I)
_WORKERS = "computeMetadata/v1/instance/attributes/worker-network-endpoints"


class Together(NamedTuple):
  """Where the processes meet; None of what the cluster says by itself."""

  coordinator: str | None  # host:port of process 0
  num_processes: int | None
  process_id: int | None


def join(together: Together, environment: Mapping[str, str] = os.environ) -> None:
  """Meets the other processes, if there are any; to be called before jax finds its devices.

  Without flags there are others where Slurm or Open MPI has started several tasks, or on a TPU of
  several hosts; jax finds these by itself.

  Raises:
    UserError: the flags do not fit together, or the coordinator's port cannot be had.
    SystemExit: not all processes came in time, with code 2.
  """
  coordinator, num_processes, process_id = together
  many = _is_one_of_many(environment)
  if coordinator is not None and not re.fullmatch(r".+:\d+", coordinator):
    raise UserError(f"--coordinator={coordinator}: not HOST:PORT, such as 10.0.0.1:8476.")
  if num_processes is not None and process_id not in (None, *range(num_processes)):
    raise UserError(
      f"--process_id={process_id}: of --num_processes={num_processes} the first is 0, and the last "
      f"{num_processes - 1}."
    )
  if (num_processes is None) != (process_id is None) or (
    together != (None, None, None) and not many and None in together
  ):
    raise UserError(
      "--coordinator=HOST:PORT, --num_processes and --process_id go together: the first process's "
      "address, how many there are, and which of them this is."
    )
  if not many and coordinator is None:
    return
  # Where another process has died, jax's runtime says so and aborts: no dump of all threads too.
  faulthandler.disable()
  where = coordinator or "the first process's host, port 8482 on a TPU"
  print(f"Meeting the other processes at {where} …", file=sys.stderr, flush=True)
  # jax's own timeout aborts without saying where.
  patience = threading.Timer(_START_SECONDS, _give_up, (where,))
  patience.daemon = True
  patience.start()
  # Python's own handlers would wait for the end of this; SIGTERM's is jax's from here on.
  signal.signal(signal.SIGTERM, signal.SIG_DFL)
  interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
  try:
    jax.distributed.initialize(
      coordinator,
      num_processes,
      process_id,
      initialization_timeout=2 * _START_SECONDS,
      heartbeat_timeout_seconds=_SILENCE_SECONDS,
    )
  except (RuntimeError, ValueError) as error:
    raise UserError(
      f"the processes cannot meet at {where}: {(str(error).splitlines() or [''])[0][:200]}\n"
      "If the port is taken, give all of them another one with --coordinator."
    ) from error
  finally:
    patience.cancel()
    signal.signal(signal.SIGINT, interrupt)


def _give_up(where: str) -> None:
  print(
    f"main: not all processes came to {where} within {_START_SECONDS} s.\n"
    "      Is each of them started, with the same --coordinator and --num_processes? Does the "
    "firewall let that port through?",
    file=sys.stderr,
    flush=True,
  )
  os._exit(EXIT_USAGE)


def _is_one_of_many(environment: Mapping[str, str]) -> bool:
  # What jax looks for too. An sbatch script's own step has SLURM_NTASKS, but is alone.
  for needed, tasks in (
    ("SLURM_STEP_NODELIST", "SLURM_STEP_NUM_TASKS"),
    ("OMPI_MCA_orte_hnp_uri", "OMPI_COMM_WORLD_SIZE"),
  ):
    if needed in environment and int(environment.get(tasks, "1")) > 1:
      return True
  return len(_tpu_workers(environment).split(",")) > 1


def _tpu_workers(environment: Mapping[str, str]) -> str:
  """The hosts of a TPU, with commas between: by GKE's variable, else as its VM is told."""
  if "TPU_WORKER_HOSTNAMES" in environment:
    return environment["TPU_WORKER_HOSTNAMES"]
  if not any(os.path.exists(device) for device in ("/dev/accel0", "/dev/vfio/0")):
    return ""
  server = environment.get("GCE_METADATA_IP", "metadata.google.internal")
  asked = urllib.request.Request(
    f"http://{server}/{_WORKERS}", headers={"Metadata-Flavor": "Google"}
  )
  try:
    with urllib.request.urlopen(asked, timeout=2) as answer:
      return str(answer.read(65536).decode())
  except (OSError, http.client.HTTPException, UnicodeDecodeError):
    return ""


def are_many() -> bool:
  """Whether there are other processes; finds no devices where there are not."""
  return jax.distributed.is_initialized() and jax.process_count() > 1


def leads() -> bool:
  """Whether this process is the one that reads and writes the workdir, and speaks."""
  return not are_many() or jax.process_index() == 0


def meet(place: str) -> None:
  """Waits until all processes have come to a place in the program.

  On CPUs those that compute together must begin within 30 seconds of each other, and reading,
  restoring or trying a precision may take one longer than another.
  """
  if are_many():
    client: Any = distributed.global_state.client  # jax's public barrier computes, too
    client.wait_at_barrier(place, 1000 * _START_SECONDS)


def from_lead(tree: PyTree) -> PyTree:
  """The leader's arrays and numbers, bit for bit, in every process.

  Args:
    tree: of the same structure, shapes and dtypes of 4 bytes everywhere; only the leader's values
      count.

  Returns:
    NumPy arrays; the tree itself where there is one process.
  """
  if not are_many():
    return tree
  arrays = jax.tree.map(np.asarray, tree)
  # As whole numbers: what is sent is summed with zeros, and -0.0 would come out as 0.0.
  sent = multihost_utils.broadcast_one_to_all(jax.tree.map(lambda a: a.view(np.uint32), arrays))
  return jax.tree.map(lambda a, bits: np.asarray(bits).view(a.dtype), arrays, sent)


def lead_says(choice: T, choices: Sequence[T]) -> T:
  """The leader's choice among some that all know."""
  return choices[int(from_lead(np.int32(choices.index(choice))))]


def lead_has(text: str) -> bool:
  """Whether the leader's text is the same as this process's."""
  own = np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint32)
  return bool(np.array_equal(from_lead(own), own))


class SharedInterruption(Interruption):
  """An interruption of any process that all of them obey after the same dispatch.

  jax's own runtime looks for SIGTERM and agrees on the dispatch. Ctrl-C is passed on to it. A
  second one changes nothing: who waits for others cannot hear it.
  """

  def __init__(self) -> None:
    super().__init__()
    self._dispatches = 0

  def __enter__(self) -> Self:
    """Has SIGINT mean SIGTERM, whose handler is jax's."""
    self._previous[signal.SIGINT] = signal.signal(signal.SIGINT, _pass_on)
    return self

  def due(self) -> signal.Signals | None:
    """Whether all stop now; every process asks after every dispatch."""
    self._dispatches += 1
    if multihost_utils.reached_preemption_sync_point(self._dispatches):
      self.requested = signal.SIGTERM
    return self.requested


def _pass_on(number: int, frame: FrameType | None) -> None:
  del number, frame
  os.kill(os.getpid(), signal.SIGTERM)


def interruption() -> Interruption:
  """What a training watches."""
  return SharedInterruption() if are_many() else Interruption()


@contextlib.contextmanager
def leaving_at_an_error(command: str) -> Iterator[None]:
  """Has one of many end at an error at once: the others would wait for it, and it for them.

  Args:
    command: its name, for messages.
  """
  try:
    yield
  except Exception as error:
    if not are_many():
      raise
    who = f"{command}: process {jax.process_index()} of {jax.process_count()}"
    code = EXIT_USAGE
    if isinstance(error, UserError):
      print(f"{who}: {error}", file=sys.stderr)
    elif isinstance(error, jax.errors.JaxRuntimeError) and _OTHERS.search(str(error)):
      reason = " ".join(str(error).split())[:200]
      print(
        f"{who}: another process has ended, or cannot be reached: {reason}\n"
        "Start all of them again: they go on from the newest checkpoint.",
        file=sys.stderr,
      )
      code = EXIT_INTERRUPTED
    else:
      traceback.print_exception(error)
      code = 1
    sys.stderr.flush()
    os._exit(code)
