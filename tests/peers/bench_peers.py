"""Training images/s of ours, PyTorch and Keras on the same step, interleaved on the same cores.

pip install ".[peers]" and then, from the top of the checkout:

python -m tests.peers.bench_peers [--batch=16] [--rounds=12] [--rivals=ours,torch,keras]

PyTorch's compiled form needs a C++ compiler: add torch-compiled to the rivals where there is one.
"""

import argparse
from collections.abc import Callable

from . import taking_turns

RIVALS = {
  "ours": "ours",
  "ours-bf16": "ours in bfloat16",
  "torch": "PyTorch",
  "torch-compiled": "PyTorch compiled",
  "torch-bf16": "PyTorch in bfloat16",
  "keras": "Keras",
  "keras-bf16": "Keras in bfloat16",
}
USUAL = "ours,ours-bf16,torch,torch-bf16,keras,keras-bf16"


def ours_runner(images, precision) -> Callable[[], object]:
  from dcgan_jax.startup import prepare_process

  prepare_process()
  from . import ours

  trainer = ours.Trainer(precision=precision)
  return lambda: trainer.run(images, len(images))


def torch_runner(images, form) -> Callable[[], object]:
  import torch

  from . import torch_dcgan

  trainer = torch_dcgan.Trainer(compiled=form == "compiled", bfloat16=form == "bf16")
  batches = torch.tensor(images)

  def run():
    for batch in batches:
      trainer.step(batch, torch.randn(len(batch), trainer.latent_size))

  return run


def keras_runner(images, form) -> Callable[[], object]:
  from . import keras_dcgan
  from .keras_dcgan import tf

  trainer = keras_dcgan.Trainer(bfloat16=form == "bf16")
  batches = [tf.constant(batch) for batch in images]

  def run():
    for batch in batches:
      losses = trainer.step(batch, tf.random.normal((len(batch), trainer.latent_size)))
    return float(losses[0])  # TensorFlow may still be at work otherwise

  return run


def work(name, batch, steps):
  """A worker: one measurement is `steps` updates."""
  import numpy as np

  shape = (steps, batch, 48, 48, 1)
  images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
  stack, _, form = name.partition("-")
  if stack == "ours":
    run = ours_runner(images, "bfloat16" if form else None)
  else:
    run = {"torch": torch_runner, "keras": keras_runner}[stack](images, form)
  taking_turns.work(run, steps * batch)


def pairs(rivals):
  """Ours against the others, like with like: float32 with float32, bfloat16 with bfloat16."""

  def precision(name):
    return "bf16" if name.endswith("-bf16") else "f32"

  ours = [name for name in rivals if name.startswith("ours")]
  others = [name for name in rivals if name not in ours]
  return [(a, b) for a in ours for b in others if precision(a) == precision(b)]


def main():
  """Compares, or is one of those compared."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--batch", type=int, default=16)
  parser.add_argument("--rounds", type=int, default=12)
  parser.add_argument("--steps", type=int, default=8, help="updates in each measurement")
  parser.add_argument("--rivals", default=USUAL, help=f"some of {', '.join(RIVALS)}")
  parser.add_argument("--worker", choices=RIVALS, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.worker:
    work(options.worker, options.batch, options.steps)
    return
  names = options.rivals.split(",")
  if unknown := set(names) - set(RIVALS):
    parser.error(f"--rivals: {', '.join(sorted(unknown))} not among {', '.join(RIVALS)}")
  command = ["tests.peers.bench_peers", f"--batch={options.batch}", f"--steps={options.steps}"]
  rivals = {name: RIVALS[name] for name in names}
  taking_turns.compare(command, rivals, pairs(names), "images", options.rounds)


if __name__ == "__main__":
  main()
