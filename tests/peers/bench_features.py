"""Inception features/s of ours and of torch-fidelity, float32, interleaved on the same cores.

pip install ".[peers]" and then, from the top of the checkout:

python -m tests.peers.bench_features [--rounds=5] [--images=96]

Under random weights, which are as fast as the real ones; torch-fidelity in its own batches of 64.
"""

import argparse
import pathlib
import tempfile

from . import taking_turns

RIVALS = {"ours": "ours", "torch": "torch-fidelity"}


def work(name, count, weights):
  """A worker: one measurement is the features of `count` images in memory."""
  import numpy as np

  from . import reference_inception

  images = np.random.default_rng(0).integers(0, 256, (count, 48, 48, 1), dtype=np.uint8)
  if name == "ours":
    from dcgan_jax.startup import prepare_process

    prepare_process()
    from dcgan_jax.metrics.features import Extractor

    features = Extractor(reference_inception.our_tensors(weights)).features
  else:
    features = reference_inception.torch_fidelity_features(weights)
  taking_turns.work(lambda: features(images), count)


def compare(options):
  import torch

  from . import reference_inception

  with tempfile.TemporaryDirectory() as folder:
    weights = pathlib.Path(folder) / "weights.pth"
    torch.save(reference_inception.random_state(), weights)
    command = ["tests.peers.bench_features", f"--images={options.images}", f"--weights={weights}"]
    taking_turns.compare(command, RIVALS, [tuple(RIVALS)], "features", options.rounds)


def main():
  """Compares, or is one of the two compared."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--images", type=int, default=96, help="in each measurement")
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--worker", choices=RIVALS, help=argparse.SUPPRESS)
  parser.add_argument("--weights", type=pathlib.Path, help=argparse.SUPPRESS)
  options = parser.parse_args()
  if options.worker:
    work(options.worker, options.images, options.weights)
  else:
    compare(options)


if __name__ == "__main__":
  main()
