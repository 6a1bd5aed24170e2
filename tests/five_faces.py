"""A prepared set of five random images in two splits, with all that a record may hold."""

import json

import numpy as np

from dcgan_jax.data import builders, reports
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.records import Record

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype(np.uint8)
SPLITS = ("train", "test", "train", "train", "test")
LABELS = (1, 0, -1, 0, 1)
# Of the five records, 0, 2 and 3 are train.
TRAIN = [0, 2, 3]


def write(root, name="faces", images=IMAGES):
  records = [
    Record(
      source=f"ö{i}.png",
      label=LABELS[i],
      split=SPLITS[i],
      subject=f"S{i}" if i else "",
      action_units=None,
      position=i,
      digest=b"",
      constant=False,
    )
    for i in range(5)
  ]
  prints = {
    split: fingerprint(
      (images[r.position] for r in records if r.split == split),
      np.array([r.label for r in records if r.split == split]),
    )
    for split in ("train", "test")
  }
  report = {
    "image_shape": images.shape[1:],
    "class_names": ["cat", "dog"],
    "splits": {
      split: {
        "images": SPLITS.count(split),
        "fingerprint": one,
      }
      for split, one in prints.items()
    },
  }
  return builders.write_set(
    root,
    name,
    ("cat", "dog"),
    records,
    lambda record: images[record.position],
    {reports.REPORT: json.dumps(report)},
    images.shape[1:],
  )
