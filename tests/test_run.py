import os

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.run import in_short, open_workdir


def test_a_workdir_is_made_with_its_parents_and_left_empty(tmp_path):
  open_workdir(tmp_path / "runs" / "mine")
  assert list((tmp_path / "runs" / "mine").iterdir()) == []


def test_an_existing_workdir_keeps_what_is_in_it(tmp_path):
  (tmp_path / "notes.txt").write_text("mine")
  open_workdir(tmp_path)
  assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_file_in_the_way_is_named(tmp_path, path):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match=r"is a file, not a folder\. Name another folder\."):
    open_workdir(tmp_path / path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_workdir_that_may_not_be_written_is_refused_before_training(tmp_path):
  tmp_path.chmod(0o500)
  with pytest.raises(UserError, match="cannot be written"):
    open_workdir(tmp_path)


def test_in_short_the_scalars_are_a_line():
  scalars = {
    "discriminator_loss": 0.5, "generator_loss": 2.25, "accuracy_real": 0.75, "accuracy_fake": 1.0,
  }  # fmt: skip
  expected = "loss D 0.500 G 2.250, D right on real 75% fake 100%"
  assert in_short(scalars) == expected
  classes = {"class_accuracy_real": 0.25, "class_accuracy_fake": 0.5}
  assert in_short(scalars | classes) == expected + ", class right on real 25% fake 50%"
