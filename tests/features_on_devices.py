"""Not a test: `python features_on_devices.py IMAGES OUT` saves features of an npy file as npz.

metrics/test_features.py runs it under another number of virtual devices than its own.
"""

import sys

import jax
import numpy as np
from random_inception import random_tensors

from dcgan_jax.metrics import features


def main(images, out):
  features._GROUPS_PER_CALL = 1  # of four images a device
  extractor = features.Extractor(random_tensors())
  np.savez(out, devices=jax.device_count(), features=extractor.features(np.load(images)))


if __name__ == "__main__":
  main(*sys.argv[1:])
