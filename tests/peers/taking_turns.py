"""Two programs' speeds on the same cores: each in a process of its own, measured in turns.

As it is for their users: in one process two frameworks share an allocator, and PyTorch's waiting
threads take the cores from the other.
"""

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


def compare(command, rivals, unit, rounds):
  """Starts two workers, lets them take turns, and prints a line a round and the median ratio.

  Args:
    command: of a worker, but for --worker=NAME.
    rivals: {worker's name: what to call it}, ours first.
    unit: what is counted.
    rounds: how many times each is measured.
  """
  pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
  workers = [
    subprocess.Popen([sys.executable, "-m", *command, f"--worker={name}"], **pipes)
    for name in rivals
  ]
  our_name, their_name = rivals.values()
  try:
    for worker in workers:
      assert worker.stdout.readline() == "ready\n"
    ratios = []
    for _ in range(rounds):
      a, b = (_measure(worker) for worker in workers)
      ratios.append(a / b)
      print(
        f"{our_name} {a:6.1f} {unit}/s   {their_name} {b:6.1f} {unit}/s   ratio {a / b:.2f}",
        flush=True,
      )
  finally:
    for worker in workers:
      worker.kill()
  low, high = min(ratios), max(ratios)
  print(f"median ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")


def _measure(worker):
  worker.stdin.write("\n")
  worker.stdin.flush()
  return float(worker.stdout.readline())
