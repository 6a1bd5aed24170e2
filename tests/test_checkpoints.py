import errno
import json
import shutil

import jax.numpy as jnp
import numpy as np
import pytest
from absl import logging

from dcgan_jax.checkpoints import (
  CheckpointError,
  Checkpoints,
  DamagedError,
  find_step,
  has_checkpoint,
)
from dcgan_jax.errors import UserError

pytestmark = pytest.mark.usefixtures("no_deletions_to_wait_for")


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
  # What a trainer is writing just now.
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


@pytest.fixture
def as_in_a_notebook():
  """absl's logger as it is where no command has set it."""
  before = logging.get_verbosity()
  logging.set_verbosity(logging.WARNING)
  yield
  logging.set_verbosity(before)


@pytest.mark.usefixtures("as_in_a_notebook")
def test_opening_to_read_prints_nothing(checkpoints, tmp_path, caplog, capfd):
  save(checkpoints, 5)
  caplog.clear()
  capfd.readouterr()
  Checkpoints(tmp_path, read_only=True).close()
  assert caplog.text == ""
  assert capfd.readouterr().err == ""


def test_one_that_may_write_deletes_what_a_killed_one_left_half_written(checkpoints, tmp_path):
  save(checkpoints, 5)
  (checkpoints.directory / "7.orbax-checkpoint-tmp" / "state").mkdir(parents=True)
  other = Checkpoints(tmp_path)
  save(other, 6)
  other.close()
  assert sorted(path.name for path in checkpoints.directory.iterdir()) == ["5", "6"]


def cut_in_half(path):
  path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
  path.write_bytes(b"")


def delete(path):
  path.unlink()


def flip_a_bit(path, at=0.5):
  content = bytearray(path.read_bytes())
  content[int(at * len(content))] ^= 1
  path.write_bytes(content)


# Orbax leaves its readers' other errors to the garbage collector, which pytest tells of.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", [cut_in_half, empty, delete, flip_a_bit])
def test_what_is_read_is_what_was_saved_or_an_error(checkpoints, tmp_path, damage):
  save(checkpoints, 5)
  pristine, folder = tmp_path / "pristine", checkpoints.directory / "5"
  shutil.copytree(folder, pristine)
  files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
  refused = {}
  for file in files:
    shutil.rmtree(folder)
    shutil.copytree(pristine, folder)
    damage(folder / file)
    reader = Checkpoints(tmp_path, read_only=True)
    try:
      assert reader.record(5) == {"config": {"seed": 5}}
      state = reader.restore(5, like=make_state(0))
    except DamagedError as error:
      refused[str(file)] = error.problem
    else:
      np.testing.assert_array_equal(state["weights"], make_state(5)["weights"])
      assert int(state["step"]) == 5
    finally:
      reader.close()
  # Where the numbers and the record are, no damage can go unseen.
  assert {"record/metadata", "state/manifest.ocdbt"} <= refused.keys()
  for problem in refused.values():
    assert problem.startswith(f"{folder}: the checkpoint is damaged: ")


def test_no_bit_of_the_record_can_change_unseen(checkpoints):
  save(checkpoints, 5)
  (file,) = (checkpoints.directory / "5" / "record").rglob("metadata")
  whole = file.read_bytes()
  for at in range(len(whole)):
    flip_a_bit(file, at / len(whole) + 1e-9)
    with pytest.raises(DamagedError):
      checkpoints.restore(5, like=make_state(0))
    file.write_bytes(whole)
  assert checkpoints.record(5) == {"config": {"seed": 5}}


@pytest.mark.parametrize(
  ("error", "raised"),
  [
    (OSError(errno.EMFILE, "Too many open files"), UserError),
    (ValueError("NOT_FOUND: [os_error_code='116']"), UserError),  # ESTALE
    (MemoryError(), MemoryError),
    (OSError(errno.EIO, "Input/output error"), DamagedError),
  ],
)
def test_what_passes_is_no_damage(checkpoints, monkeypatch, error, raised):
  save(checkpoints, 5)

  def fail(*arguments, **options):
    raise error

  monkeypatch.setattr(checkpoints._manager, "restore", fail)
  with pytest.raises(raised) as caught:
    checkpoints.restore(5, like=make_state(0))
  assert type(caught.value) is raised  # a DamagedError is a UserError too


def test_a_reader_looks_again_whether_a_trainer_is_deleting(checkpoints, tmp_path, monkeypatch):
  save(checkpoints, 5)
  reader = Checkpoints(tmp_path, read_only=True)
  folder = checkpoints.directory / "5"
  (folder / "record" / "metadata").unlink()  # the first of its files to go
  monkeypatch.setattr("time.sleep", lambda seconds: shutil.rmtree(folder))
  with pytest.raises(CheckpointError, match="was deleted while it was being read"):
    reader.record(5)
  reader.close()


def test_other_numbers_than_were_saved_are_damage(checkpoints, monkeypatch):
  save(checkpoints, 5)
  restore = checkpoints._manager.restore

  def one_bit_off(step, args):
    items = restore(step, args=args)
    if "state" in items:
      weights = np.array(items["state"]["weights"])
      weights.view(np.uint32)[2, 1] ^= 1
      items["state"]["weights"] = jnp.asarray(weights)
    return items

  monkeypatch.setattr(checkpoints._manager, "restore", one_bit_off)
  with pytest.raises(DamagedError, match="its arrays are not those that were saved"):
    checkpoints.restore(5, like=make_state(0))


def test_a_record_that_was_changed_is_damage(checkpoints):
  save(checkpoints, 5)
  (file,) = (checkpoints.directory / "5" / "record").rglob("metadata")
  file.write_text(file.read_text().replace('"seed": 5', '"seed": 7'))
  with pytest.raises(DamagedError, match="its record is not the one that was saved"):
    checkpoints.record(5)


def test_a_checkpoint_of_an_early_version_without_hashes_is_read(checkpoints):
  save(checkpoints, 5)
  (file,) = (checkpoints.directory / "5" / "record").rglob("metadata")
  file.write_text(json.dumps({"config": {"seed": 5}}))
  assert checkpoints.record(5) == {"config": {"seed": 5}}
  assert int(checkpoints.restore(5, like=make_state(0))["step"]) == 5


@pytest.mark.parametrize("read", ["record", "saved_at"])
def test_a_checkpoint_that_is_gone_is_not_called_damaged(checkpoints, read):
  save(checkpoints, 5)
  shutil.rmtree(checkpoints.directory / "5")
  with pytest.raises(CheckpointError, match=r"checkpoint 5 of .* was deleted") as caught:
    getattr(checkpoints, read)(5)
  assert not isinstance(caught.value, DamagedError)


def test_what_is_set_aside_can_be_saved_anew_and_is_kept(checkpoints, tmp_path):
  for again in ("5", "5-2", "5-3"):
    save(checkpoints, 4, 5)
    assert checkpoints.set_aside(5) == tmp_path / "damaged" / again
    assert checkpoints.steps() == [4]
    checkpoints.set_aside(4).rename(tmp_path / f"four-{again}")
  assert sorted(path.name for path in (tmp_path / "damaged").iterdir()) == ["5", "5-2", "5-3"]


@pytest.mark.parametrize("method", ["save", "wait", "close"])
def test_a_full_disk_is_the_error_that_it_was(checkpoints, monkeypatch, method):
  def fail(*arguments, **options):  # as TensorStore says it
    raise ValueError("RESOURCE_EXHAUSTED: Failed to write to file 7: [os_error_code='28']")

  theirs = {"save": "save", "wait": "wait_until_finished", "close": "close"}[method]
  arguments = [5, make_state(5), {}] if method == "save" else []
  with monkeypatch.context() as patched:
    patched.setattr(checkpoints._manager, theirs, fail)
    with pytest.raises(OSError, match="No space left on device") as caught:
      getattr(checkpoints, method)(*arguments)
  assert caught.value.errno == errno.ENOSPC
  assert caught.value.filename == str(checkpoints.directory)


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
