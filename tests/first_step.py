"""Not a test: `python first_step.py OUT` makes one update on all devices and saves it as npz.

test_parallel.py runs it under different numbers of virtual devices.
"""

import sys

import jax
import numpy as np

from dcgan_jax import config as configs
from dcgan_jax import parallel
from dcgan_jax.gan.state import create_state, make_optimizer
from dcgan_jax.gan.step import make_step, make_update
from dcgan_jax.models.build import build


def main(out):
  config = configs.reference()
  config.model.width = 4
  networks = build(config.model, (48, 48, 1), parallel.AXIS)
  optimizer = make_optimizer(config.optimizer)
  step = make_step(networks, optimizer, seed=1, ema_decay=0.9, axis_name=parallel.AXIS)
  update = parallel.data_parallel(make_update(step, parallel.AXIS))
  state = parallel.replicate(create_state(networks, optimizer, seed=1))
  # Batch 16, as Ex2 has on the 8 cores of a v2-8: 2 images a device.
  images = np.random.default_rng(0).integers(0, 256, (2, 16, 48, 48, 1), dtype=np.uint8)
  state, metrics = update(state, images, 1)
  arrays = {f"metric {name}": value for name, value in metrics.items()}
  for name in ("generator", "discriminator"):
    player = getattr(state, name)
    for kind, tree in {"mu": player.opt_state[0].mu, "stats": player.batch_stats}.items():
      for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        arrays[f"{name} {kind} {jax.tree_util.keystr(path)}"] = leaf
  np.savez(out, devices=jax.device_count(), **{k: np.asarray(v) for k, v in arrays.items()})


if __name__ == "__main__":
  main(sys.argv[1])
