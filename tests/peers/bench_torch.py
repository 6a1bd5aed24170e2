"""Training images/s of ours and of eager PyTorch, float32, interleaved on the same cores.

pip install ".[peers]" and then, from the top of the checkout:

python -m tests.peers.bench_torch [--batch=16] [--rounds=12]
"""

import argparse
from collections.abc import Callable

from . import taking_turns

RIVALS = {"ours": "ours", "torch": "PyTorch"}


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
  """A worker: one measurement is `steps` updates."""
  import numpy as np

  shape = (steps, batch, 48, 48, 1)
  images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
  run = (ours_runner if name == "ours" else torch_runner)(images)
  taking_turns.work(run, steps * batch)


def main():
  """Compares, or is one of the two compared."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--batch", type=int, default=16)
  parser.add_argument("--rounds", type=int, default=12)
  parser.add_argument("--steps", type=int, default=8, help="updates in each measurement")
  parser.add_argument("--worker", choices=RIVALS, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.worker:
    work(options.worker, options.batch, options.steps)
  else:
    command = ["tests.peers.bench_torch", f"--batch={options.batch}", f"--steps={options.steps}"]
    taking_turns.compare(command, RIVALS, "images", options.rounds)


if __name__ == "__main__":
  main()
