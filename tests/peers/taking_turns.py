"""Programs' speeds on the same cores: each in a process of its own, measured in turns.

As it is for their users: in one process two frameworks share an allocator, and PyTorch's waiting
threads take the cores from the other.
"""

import contextlib
import statistics
import subprocess
import sys
import time


def work(run, count):
  """A worker: after warming up, times one `run` of `count` units for each line it is sent."""
  run(), run()
  print("ready", flush=True)
  for _ in sys.stdin:
    began = time.perf_counter()
    run()
    print(count / (time.perf_counter() - began), flush=True)


def compare(command, rivals, pairs, unit, rounds):
  """Starts the workers, lets them take turns, and prints a line a round and the median ratios.

  Args:
    command: of a worker, but for --worker=NAME.
    rivals: {worker's name: what to call it}.
    pairs: (a, b), names of workers: how many times as fast a is as b.
    unit: what is counted.
    rounds: how many times each is measured.
  """
  with contextlib.ExitStack() as stack:
    workers = {name: stack.enter_context(_worker(command, name)) for name in rivals}
    for worker in workers.values():
      assert worker.stdout.readline() == "ready\n"
    speeds = []
    for _ in range(rounds):
      speeds.append({name: _measure(worker) for name, worker in workers.items()})
      said = [f"{rivals[name]} {speed:.1f}" for name, speed in speeds[-1].items()]
      print(f"{unit}/s: {', '.join(said)}", flush=True)
  for ours, theirs in pairs:
    ratios = [speed[ours] / speed[theirs] for speed in speeds]
    print(
      f"{rivals[ours]} against {rivals[theirs]}: median ratio {statistics.median(ratios):.2f} "
      f"({min(ratios):.2f} to {max(ratios):.2f})"
    )


@contextlib.contextmanager
def _worker(command, name):
  pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
  worker = subprocess.Popen([sys.executable, "-m", *command, f"--worker={name}"], **pipes)
  try:
    yield worker
  finally:
    worker.kill()


def _measure(worker):
  worker.stdin.write("\n")
  worker.stdin.flush()
  return float(worker.stdout.readline())
