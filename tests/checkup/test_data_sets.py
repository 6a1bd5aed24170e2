import json
import os
import shutil

import pytest

from dcgan_jax.checkup import data_sets
from dcgan_jax.checkup.finding import State
from dcgan_jax.data.reports import VERSION


@pytest.fixture
def root(data_dir, tmp_path):
  """A data directory of the test's own, with 'synthetic' in it."""
  shutil.copytree(data_dir / "synthetic", tmp_path / "synthetic")
  return tmp_path


def found(root):
  return {finding.what: finding for finding in data_sets.findings(str(root))}


def again(root, *more):
  words = ["synthetic", "--num=100", f"--data-dir={root}", *more]
  return " ".join(["python -m dcgan_jax.prepare", *words])


def test_a_whole_set_is_told_with_its_splits_shape_and_size(root):
  lines = found(root)
  assert list(lines) == ["folder", "synthetic"]
  # 100 images of 48 × 48 bytes: 230,400 B = 225 KiB.
  assert (lines["synthetic"].state, lines["synthetic"].detail) == (
    State.GOOD,
    "train 90, test 10 images of 48×48, gray, 7 classes; 225 KiB of pixels",
  )


def test_where_there_is_none_the_command_that_needs_no_download_is_told(tmp_path):
  line = found(tmp_path / "new")["a data set"]
  assert line.vital
  assert line.fix == f"python -m dcgan_jax.prepare synthetic --data-dir={tmp_path / 'new'}"
  assert (
    found(tmp_path / "new")["folder"].detail == f"{tmp_path / 'new'} (--data-dir) is not there yet"
  )


@pytest.mark.parametrize(
  ("variable", "by"), [("here", "$DCGAN_JAX_DATA"), (None, "the user's cache")]
)
def test_who_names_the_folder_is_told(variable, by, tmp_path, monkeypatch):
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
  monkeypatch.delenv("DCGAN_JAX_DATA", raising=False)
  if variable:
    monkeypatch.setenv("DCGAN_JAX_DATA", str(tmp_path / variable))
  folder, *_ = data_sets.findings(None)
  assert f"({by})" in folder.detail


@pytest.mark.parametrize("file", ["train.npy", "test.npz", "report.json", "dataset_info.json"])
def test_a_set_without_one_of_its_files_is_damaged(root, file):
  (root / "synthetic" / VERSION / file).unlink()
  line = found(root)["synthetic"]
  assert line.state is State.WRONG
  assert line.detail.startswith("damaged")
  assert line.fix.endswith("--overwrite")
  assert found(root)["a data set"].vital


def test_the_command_for_a_damaged_set_makes_the_same_set(root):
  (root / "synthetic" / VERSION / "test.npy").write_bytes(b"")
  assert found(root)["synthetic"].fix == again(root, "--overwrite")


def test_a_pixel_that_has_changed_is_found_in_a_small_set(root, monkeypatch):
  file = root / "synthetic" / VERSION / "train.npy"
  content = bytearray(file.read_bytes())
  content[-1] ^= 1
  file.write_bytes(content)
  assert found(root)["synthetic"].state is State.WRONG
  monkeypatch.setattr(data_sets, "_READ", 1000)  # as if the set were large
  assert found(root)["synthetic"].state is State.GOOD


@pytest.mark.parametrize(
  "report", ["", "[]", '{"splits": 3}', '{"splits": {}, "class_names": [], "image_shape": [1]}']
)
def test_no_report_brings_it_down(root, report):
  (root / "synthetic" / VERSION / "report.json").write_text(report)
  line = found(root)["synthetic"]
  assert line.state is State.WRONG
  assert line.fix == f"python -m dcgan_jax.prepare synthetic --data-dir={root} --overwrite"


@pytest.mark.parametrize("file", ["report.json", "train.npy", "train.npz"])
def test_a_pipe_among_the_files_is_not_waited_for(root, file):
  (root / "synthetic" / VERSION / file).unlink()
  os.mkfifo(root / "synthetic" / VERSION / file)
  assert found(root)["synthetic"].state is State.WRONG


def test_a_set_of_an_older_version_is_told_with_the_command_of_its_report(root):
  (root / "synthetic" / VERSION).rename(root / "synthetic" / "1.0.0")
  line = found(root)["synthetic"]
  assert line.detail.startswith("version 1.0.0")
  assert line.fix == again(root)


def test_an_older_version_beside_this_one_is_not_missed(root):
  shutil.copytree(root / "synthetic" / VERSION, root / "synthetic" / "1.0.0")
  assert found(root)["synthetic"].state is State.GOOD


def test_other_folders_are_not_taken_for_sets(root):
  (root / ".preparing-fer2013").mkdir()
  (root / "downloads").mkdir()
  tfds = root / "celeb_a" / "2.1.0"
  tfds.mkdir(parents=True)
  (tfds / "dataset_info.json").write_text("{}")
  (root / "file").touch()
  assert list(found(root)) == ["folder", "synthetic"]


def test_sets_with_labels_are_known(root, tmp_path):
  assert data_sets.labelled(str(root)) == ["synthetic"]
  report = root / "synthetic" / VERSION / "report.json"
  report.write_text(json.dumps(json.loads(report.read_text()) | {"class_names": []}))
  assert data_sets.labelled(str(root)) == []
  report.write_text("")
  assert data_sets.labelled(str(root)) == []
