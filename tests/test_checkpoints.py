import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.checkpoints import Checkpoints, find_step, has_checkpoint
from dcgan_jax.errors import UserError


def make_state(value):
  return {"step": jnp.array(value, jnp.int32), "weights": jnp.full((3, 2), value / 7, jnp.float32)}


@pytest.fixture
def checkpoints(tmp_path):
  opened = Checkpoints(tmp_path, keep_latest=2, keep_every=10)
  yield opened
  opened.close()


def save(checkpoints, *steps):
  for step in steps:
    checkpoints.save(step, make_state(step), {"config": {"seed": step}})
    checkpoints.wait()


def test_a_state_comes_back_bit_for_bit_with_its_record(checkpoints):
  save(checkpoints, 3)
  state = checkpoints.restore(3, like=make_state(0))
  np.testing.assert_array_equal(state["weights"], make_state(3)["weights"])
  assert state["weights"].dtype == np.float32
  assert int(state["step"]) == 3
  assert checkpoints.record(3) == {"config": {"seed": 3}}


def test_the_latest_few_and_every_nth_stay(checkpoints):
  save(checkpoints, 5, 10, 15, 20, 25, 30, 35)
  # The latest two are 30 and 35; multiples of 10 stay.
  assert checkpoints.steps() == [10, 20, 30, 35]


def test_a_state_donated_after_saving_is_saved_as_it_was(checkpoints):
  import jax

  overwrite = jax.jit(lambda state: jax.tree.map(lambda x: x * 0, state), donate_argnums=0)
  state = make_state(4)
  checkpoints.save(4, state, {})
  overwrite(state)
  checkpoints.wait()
  restored = checkpoints.restore(4, like=make_state(0))
  np.testing.assert_array_equal(restored["weights"], make_state(4)["weights"])


def test_another_process_sees_what_was_saved(checkpoints, tmp_path):
  save(checkpoints, 5)
  other = Checkpoints(tmp_path)
  assert other.steps() == [5]
  other.close()


def test_a_run_has_a_checkpoint_once_one_is_whole(checkpoints, tmp_path):
  assert not has_checkpoint(tmp_path / "nowhere")
  (checkpoints.directory / "5.orbax-checkpoint-tmp").mkdir()
  assert not has_checkpoint(tmp_path)
  save(checkpoints, 5)
  assert has_checkpoint(tmp_path)


def contents(folder):
  return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_reader_neither_writes_nor_deletes(checkpoints, tmp_path):
  save(checkpoints, 5, 6)
  # What a trainer is writing just now: one that may write tidies such leftovers up.
  (checkpoints.directory / "7.orbax-checkpoint-tmp").mkdir()
  before = contents(tmp_path)
  reader = Checkpoints(tmp_path, keep_latest=1, read_only=True)
  assert reader.steps() == [5, 6]
  assert reader.record(5) == {"config": {"seed": 5}}
  restored = reader.restore(6, like=make_state(0))
  reader.close()
  np.testing.assert_array_equal(restored["weights"], make_state(6)["weights"])
  assert contents(tmp_path) == before


def test_a_reader_makes_no_folder(tmp_path):
  (tmp_path / "checkpoints").mkdir()
  reader = Checkpoints(tmp_path, read_only=True)
  assert reader.steps() == []
  reader.close()
  assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_reader_opened_later_sees_what_was_added_and_deleted(checkpoints, tmp_path):
  listed = []
  for step in (1, 2, 3):  # two are kept
    save(checkpoints, step)
    reader = Checkpoints(tmp_path, read_only=True)
    listed.append(reader.steps())
    reader.close()
  assert listed == [[1], [1, 2], [2, 3]]


def test_opening_to_read_prints_nothing(checkpoints, tmp_path, caplog, capfd):
  save(checkpoints, 5)
  caplog.clear()
  capfd.readouterr()
  Checkpoints(tmp_path, read_only=True).close()
  assert caplog.text == ""
  assert capfd.readouterr().err == ""


def test_the_newest_step_is_found_unless_one_is_asked_for(checkpoints, tmp_path):
  save(checkpoints, 10, 20)
  assert find_step(checkpoints, tmp_path, None) == 20
  assert find_step(checkpoints, tmp_path, 10) == 10


def test_a_missing_step_is_refused_with_those_there_are(checkpoints, tmp_path):
  save(checkpoints, 10, 20)
  with pytest.raises(UserError, match="no checkpoint of step 15; there are 10, 20"):
    find_step(checkpoints, tmp_path, 15)


def test_no_checkpoint_at_all_says_how_to_train(checkpoints, tmp_path):
  with pytest.raises(UserError, match=r"python -m dcgan_jax\.main"):
    find_step(checkpoints, tmp_path, None)
