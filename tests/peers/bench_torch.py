"""Training images/s of ours and of eager PyTorch, float32, interleaved on the same cores.

pip install ".[peers]" and then, from the top of the checkout:

python -m tests.peers.bench_torch [--batch=16] [--rounds=12]

Each runs in a process of its own, as it does for its users: in one process the two share an
allocator and PyTorch's waiting threads take the cores from the other. The processes take turns.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

WORKERS = ("ours", "torch")


def ours_runner(images) -> Callable[[], object]:
  from dcgan_jax.startup import prepare_process

  prepare_process()
  from . import ours

  trainer = ours.Trainer()
  return lambda: trainer.run(images, len(images))


def torch_runner(images) -> Callable[[], object]:
  import torch

  from . import torch_dcgan

  trainer = torch_dcgan.Trainer()
  batches = torch.tensor(images)

  def run():
    for batch in batches:
      trainer.step(batch, torch.randn(len(batch), trainer.latent_size))

  return run


def work(name, batch, steps):
  """A worker: after warming up, times one measurement for each line it is sent."""
  import numpy as np

  shape = (steps, batch, 48, 48, 1)
  images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
  run = (ours_runner if name == "ours" else torch_runner)(images)
  run(), run()
  print("ready", flush=True)
  for _ in sys.stdin:
    began = time.perf_counter()
    run()
    print(steps * batch / (time.perf_counter() - began), flush=True)


def compare(options):
  """Starts both workers, lets them take turns, and prints a line a round."""
  base = [sys.executable, "-m", "tests.peers.bench_torch"]
  sizes = [f"--batch={options.batch}", f"--steps={options.steps}"]
  pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
  workers = [subprocess.Popen([*base, *sizes, f"--worker={name}"], **pipes) for name in WORKERS]
  try:
    for worker in workers:
      assert worker.stdout.readline() == "ready\n"
    ratios = []
    for _ in range(options.rounds):
      a, b = (measure(worker) for worker in workers)
      ratios.append(a / b)
      print(f"ours {a:6.1f} images/s   PyTorch {b:6.1f} images/s   ratio {a / b:.2f}", flush=True)
  finally:
    for worker in workers:
      worker.kill()
  low, high = min(ratios), max(ratios)
  print(f"median ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")


def measure(worker):
  worker.stdin.write("\n")
  worker.stdin.flush()
  return float(worker.stdout.readline())


def main():
  """Compares, or is one of the two compared."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--batch", type=int, default=16)
  parser.add_argument("--rounds", type=int, default=12)
  parser.add_argument("--steps", type=int, default=8, help="updates in each measurement")
  parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.worker:
    work(options.worker, options.batch, options.steps)
  else:
    compare(options)


if __name__ == "__main__":
  main()
