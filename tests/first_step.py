"""Not a test: `python first_step.py OUT MODEL` makes one update on all devices and saves it as npz.

test_parallel.py runs it under different numbers of virtual devices.
"""

import sys

import jax
import numpy as np

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.config_files import reference
from dcgan_jax.program import make_program


def main(out, model):
  config = reference()
  config.model.name, config.model.width = model, 4
  if model == "acgan":
    config.augmentation = "color,translation,cutout,flip"
  if model == "projection":
    config.model.spectral_norm, config.model.discriminator_batch_norm = True, False
    config.loss.r1, config.loss.gradient_penalty = 1.0, 10.0
  config.seed, config.ema_decay = 1, 0.9
  program = make_program(config, (48, 48, 1), 3)
  state = parallel.replicate(program.initial_state())
  # Batch 16, as Ex2 has on the 8 cores of a v2-8: 2 images a device.
  images = np.random.default_rng(0).integers(0, 256, (2, 16, 48, 48, 1), dtype=np.uint8)
  labels = np.random.default_rng(1).integers(0, 3, (2, 16), dtype=np.int32)
  state, metrics = program.update(state, None, Batch(images, labels), 1)
  arrays = {f"metric {name}": value for name, value in metrics.items()}
  for name in ("generator", "discriminator"):
    player = getattr(state, name)
    for kind, tree in {"mu": player.opt_state[0].mu, "stats": player.batch_stats}.items():
      for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        arrays[f"{name} {kind} {jax.tree_util.keystr(path)}"] = leaf
  np.savez(out, devices=jax.device_count(), **{k: np.asarray(v) for k, v in arrays.items()})


if __name__ == "__main__":
  main(*sys.argv[1:])
