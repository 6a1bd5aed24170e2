"""Training images/s of ours and of eager PyTorch, float32, interleaved on the same cores.

pip install ".[peers]" and then, from the top of the checkout:

python -m tests.peers.bench_torch [--batch=16] [--rounds=6]
"""

import argparse
import statistics
import time

from dcgan_jax.startup import prepare_process

prepare_process()

import numpy as np
import torch

from . import ours, torch_dcgan


def rate(run, images):
  """Images a second of one call."""
  began = time.perf_counter()
  run()
  return images / (time.perf_counter() - began)


def main():
  """Prints a line a round and the median ratio."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--batch", type=int, default=16)
  parser.add_argument("--rounds", type=int, default=6)
  parser.add_argument("--steps", type=int, default=8, help="updates in each measurement")
  options = parser.parse_args()
  shape = (options.steps, options.batch, 48, 48, 1)
  images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
  tensors = torch.tensor(images)
  mine, theirs = ours.Trainer(), torch_dcgan.Trainer()

  def run_ours():
    mine.run(images, options.steps)

  def run_theirs():
    for batch in tensors:
      theirs.step(batch, torch.randn(options.batch, theirs.latent_size))

  run_ours(), run_theirs()  # compilation and warming up
  ratios = []
  for _ in range(options.rounds):
    a, b = (rate(run, options.steps * options.batch) for run in (run_ours, run_theirs))
    ratios.append(a / b)
    print(f"ours {a:6.1f} images/s   PyTorch {b:6.1f} images/s   ratio {a / b:.2f}", flush=True)
  low, high = min(ratios), max(ratios)
  print(f"median ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
  main()
