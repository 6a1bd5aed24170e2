import argparse

import numpy as np
import pytest
from raw_files import folder, png, run

from dcgan_jax.evaluation.against import comparisons


def prepared(root, *splits):
  """A set of three 48×48 images in each split; no two are equal."""
  rng = np.random.default_rng(0)
  files = {
    f"{split}/happy/{i}.png": png(rng.integers(0, 256, (48, 48), dtype=np.uint8))
    for split in splits
    for i in range(3)
  }
  run(root / "data", "folder", f"--source={folder(root / 'raw', files)}", "--name=faces")
  return argparse.Namespace(
    data="faces", data_dir=str(root / "data"), seed=0, resize="tensorflow", reference=("train",)
  )


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
  (found,) = comparisons(prepared(tmp_path, *splits), None, None)
  assert found.train.description == "faces/train"
  assert found.held_out.description == held_out


def test_nothing_is_held_out_from_a_set_of_one_split(tmp_path):
  (found,) = comparisons(prepared(tmp_path, "train"), None, None)
  assert found.held_out is None


def test_two_comparisons_share_the_images_that_both_need(tmp_path):
  options = prepared(tmp_path, "train", "validation")
  options.reference = ("train", "validation")
  by_train, by_validation = comparisons(options, None, None)
  assert (by_train.label, by_validation.label) == ("train", "validation")
  assert by_train.reference is by_train.train is by_validation.train
  assert by_validation.reference is by_train.held_out is by_validation.held_out
