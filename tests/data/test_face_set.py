import json
import subprocess
import sys

import numpy as np
import pytest

from dcgan_jax.data import builders, reports
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.data.quiet_tfds import shuffle
from dcgan_jax.data.records import Record


def write(root, images, labels, units=None, note="{}"):
  """A set 'faces' of these images, with a split 'train' alone."""
  records = [
    Record(
      source=f"ö{i}.png",
      label=label,
      split="train",
      subject=f"S{i}",
      action_units=None if units is None else units[i],
      position=i,
      digest=b"",
      constant=False,
    )
    for i, label in enumerate(labels)
  ]
  train = {"images": len(images), "fingerprint": fingerprint(images, np.array(labels))}
  report = {
    "image_shape": images.shape[1:],
    "class_names": ["cat", "dog"],
    "splits": {"train": train},
  }
  files = {reports.REPORT: json.dumps(report), "note.json": note}
  return builders.write_set(
    root, "faces", ("cat", "dog"), records, lambda record: images[record.position], files
  )


@pytest.fixture(scope="module")
def images():
  return np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def root(tmp_path_factory, images):
  root = tmp_path_factory.mktemp("data")
  write(root, images, [1, -1, 0], note="[1, 2]")
  return root


def test_tfds_loads_it_in_a_process_without_this_package(root):
  program = (
    "import sys, tensorflow_datasets as tfds\n"
    "rows = list(tfds.load('faces', split='train', data_dir=sys.argv[1]).as_numpy_iterator())\n"
    "assert not any(module.startswith('dcgan_jax') for module in sys.modules)\n"
    "print([int(row['label']) for row in rows], rows[0]['image'].shape)\n"
  )
  # Run from elsewhere, so that the checkout is not on the path either.
  result = subprocess.run(
    [sys.executable, "-c", program, str(root)], cwd=root, capture_output=True, text=True
  )
  assert result.stdout == "[1, -1, 0] (48, 48, 1)\n", result.stderr


def test_pngs_written_without_tensorflow_lose_no_bit(root, images):
  # TFDS decodes them with TensorFlow, so this crosses two implementations.
  prepared = load_prepared("faces", "train", str(root))
  np.testing.assert_array_equal(prepared.images, images)


def test_text_beside_the_data_is_in_the_set_s_folder(root):
  assert (reports.set_dir(root, "faces") / "note.json").read_text() == "[1, 2]"


def test_action_units_are_kept(tmp_path, images):
  units = np.float32([[0, 0.5], [1, 0.5], [2, 0.5]])
  write(tmp_path, images, [0, 1, 0], units)
  prepared = load_prepared("faces", "train", str(tmp_path))
  np.testing.assert_array_equal(prepared.action_units, units)


def test_many_images_stay_in_order(tmp_path):
  count = 3000  # several batches of the reader
  images = np.zeros((count, 48, 48, 1), np.uint8)
  images[:, 0, 0, 0], images[:, 0, 1, 0] = np.arange(count) // 256, np.arange(count) % 256
  write(tmp_path, images, [i % 2 for i in range(count)])
  prepared = load_prepared("faces", "train", str(tmp_path))
  assert prepared.sources == tuple(f"ö{i}.png" for i in range(count))
  np.testing.assert_array_equal(prepared.images, images)


def test_what_tfds_does_not_sort_in_memory_stays_in_order_too(tmp_path, monkeypatch):
  monkeypatch.setattr(shuffle, "MAX_MEM_BUFFER_SIZE", 10_000)
  add, sizes = shuffle._Bucket.add, {}

  def counted(bucket, key, data):
    sizes[bucket] = sizes.get(bucket, 0) + 1
    add(bucket, key, data)

  monkeypatch.setattr(shuffle._Bucket, "add", counted)
  images = np.random.default_rng(0).integers(0, 256, (640, 48, 48, 1), dtype=np.uint8)
  write(tmp_path, images, [0] * 640)
  # 64 files of 10, each read whole: no more than a few images are in memory at a time. A key is
  # rounded down, so one may fall into the file before.
  assert len(sizes) == 64
  assert max(sizes.values()) <= 11
  prepared = load_prepared("faces", "train", str(tmp_path))
  assert prepared.sources == tuple(f"ö{i}.png" for i in range(640))
  np.testing.assert_array_equal(prepared.images, images)
