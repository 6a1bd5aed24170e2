import numpy as np
import pytest
from five_faces import write

from dcgan_jax.data import reports
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.data.quiet_tfds import tfds


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  root = tmp_path_factory.mktemp("data")
  write(root)
  return root


@pytest.mark.parametrize("split", ["train", "test"])
def test_tfds_and_the_trainer_read_the_same(root, split):
  prepared = load_prepared("faces", split, str(root))
  builder = tfds.builder_from_directory(str(reports.set_dir(root, "faces")))
  rows = list(builder.as_dataset(split=split).as_numpy_iterator())
  np.testing.assert_array_equal(prepared.images, [row["image"] for row in rows])
  assert prepared.labels.tolist() == [row["label"] for row in rows]
  assert prepared.subjects == tuple(row["subject"].decode() for row in rows)
  assert prepared.sources == tuple(row["source"].decode() for row in rows)


def test_a_set_s_folder_has_records_and_what_training_reads(root):
  names = {path.name for path in reports.set_dir(root, "faces").iterdir()}
  assert {"train.npy", "train.npz", "test.npy", "test.npz", "dataset_info.json"} <= names
  assert any(".tfrecord" in name for name in names)
