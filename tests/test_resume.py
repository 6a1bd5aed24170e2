import numpy as np
import pytest

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.errors import UserError
from dcgan_jax.resume import resume


def record_of(seed):
  source = {"name": "faces", "split": "train"}
  return {"config": {"seed": seed, "data": source}, "data": {"fingerprint": "abc"}}


def like():
  return {"weights": np.zeros(2, np.float32)}


@pytest.fixture
def checkpoints(tmp_path):
  opened = Checkpoints(tmp_path)
  for step in (4, 8):
    opened.save(step, {"weights": np.full(2, step, np.float32)}, record_of(0))
    opened.wait()
  yield opened
  opened.close()


def damage(checkpoints, *steps):
  for step in steps:
    (checkpoints.directory / str(step) / "state" / "manifest.ocdbt").unlink()


def test_a_fresh_workdir_starts_from_nothing(tmp_path):
  empty = Checkpoints(tmp_path)
  assert resume(empty, tmp_path, lambda before: before, like) is None
  empty.close()


def test_a_run_goes_on_from_its_newest_checkpoint_under_the_record_it_has_now(
  checkpoints, tmp_path
):
  now = {**record_of(0), "versions": {"jax": "99.0"}}
  begun = resume(checkpoints, tmp_path, lambda before: now, like)
  assert begun.step == 8
  assert begun.record == now
  np.testing.assert_array_equal(begun.state["weights"], [8, 8])


def test_the_record_is_made_from_what_the_checkpoint_says(checkpoints, tmp_path):
  seen = []

  def make(before):
    seen.append(before)
    return before

  resume(checkpoints, tmp_path, make, like)
  assert seen == [record_of(0)]


def test_another_run_is_refused_and_nothing_is_moved(checkpoints, tmp_path):
  damage(checkpoints, 8)  # of another run, which may well have another shape
  with pytest.raises(UserError, match=r"holds another run \(step 8\).*\n.*seed: 0 there, 7 now"):
    resume(checkpoints, tmp_path, lambda before: record_of(7), like)
  assert not (tmp_path / "damaged").exists()


def test_a_damaged_checkpoint_makes_way_and_is_kept(checkpoints, tmp_path, capfd):
  damage(checkpoints, 8)
  begun = resume(checkpoints, tmp_path, lambda before: before, like)
  assert begun.step == 4
  assert checkpoints.steps() == [4]
  assert (tmp_path / "damaged" / "8" / "record").is_dir()
  said = capfd.readouterr().err
  assert f"{checkpoints.directory}/8: the checkpoint is damaged: " in said
  assert "Going back to the checkpoint before it, of step 4.\n" in said
  assert f"The damaged one is kept as {tmp_path}/damaged/8.\n" in said


def test_where_all_are_damaged_nothing_is_moved_and_nothing_begun(checkpoints, tmp_path):
  damage(checkpoints, 4, 8)
  with pytest.raises(UserError, match="none is whole"):
    resume(checkpoints, tmp_path, lambda before: before, like)
  assert checkpoints.steps() == [4, 8]
  assert not (tmp_path / "damaged").exists()
