import argparse

import numpy as np
import pytest
from raw_files import folder, png, run

from dcgan_jax.evaluation.against import comparison


def prepared(root, *splits):
  """A set of three 48×48 images in each split; no two are equal."""
  rng = np.random.default_rng(0)
  files = {
    f"{split}/happy/{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for split in splits
    for i in range(3)
  }
  run(root / "data", "folder", f"--source={folder(root / 'raw', files)}", "--name=faces")
  return argparse.Namespace(data="faces", data_dir=str(root / "data"), seed=0, resize="tensorflow")


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", str(tmp_path / "references"))


@pytest.mark.parametrize(
  ("splits", "held_out"),
  [
    (("train", "validation", "test"), "faces/test"),
    # FER-2013's copies often have the public test images only, as "validation".
    (("train", "validation"), "faces/validation"),
  ],
)
def test_what_is_held_out_is_the_test_split_else_the_validation_split(tmp_path, splits, held_out):
  found = comparison(prepared(tmp_path, *splits), "train", None, None)
  assert found.train.description == "faces/train"
  assert found.held_out.description == held_out


def test_nothing_is_held_out_from_a_set_of_one_split(tmp_path):
  assert comparison(prepared(tmp_path, "train"), "train", None, None).held_out is None
