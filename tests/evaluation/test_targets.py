import jax.numpy as jnp
import pytest

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.ending import has_ended, mark_diverged, mark_finished
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import targets
from dcgan_jax.evaluation.targets import follow, list_steps, one


def save(workdir, *steps):
  checkpoints = Checkpoints(workdir, keep_latest=100)
  for step in steps:
    checkpoints.save(step, {"step": jnp.int32(step)}, {})
  checkpoints.close()


class Script:
  """A pause that does what a training might do meanwhile: one entry each time, then Ctrl-C."""

  def __init__(self, *actions):
    self.actions, self.seconds = list(actions), []

  def __call__(self, seconds):
    self.seconds.append(seconds)
    if not self.actions:
      raise KeyboardInterrupt
    self.actions.pop(0)()


def followed(workdir, pause):
  return list(follow(workdir, pause))


def steps_of(yielded):
  return [step for step in yielded if step is not None]


def never(_):
  raise AssertionError("waited")


def test_there_are_no_steps_before_there_is_a_run(tmp_path):
  assert list_steps(tmp_path / "none") == []
  assert list_steps(tmp_path) == []
  assert list(tmp_path.iterdir()) == []


def test_the_finished_checkpoints_are_listed_oldest_first(tmp_path):
  save(tmp_path, 20, 100, 3)
  assert list_steps(tmp_path) == [3, 20, 100]


def test_an_unfinished_checkpoint_is_not_listed(tmp_path):
  save(tmp_path, 5)
  # As Orbax names the folder until it is complete.
  (tmp_path / "checkpoints" / "10.orbax-checkpoint-tmp").mkdir()
  (tmp_path / "checkpoints" / "10.orbax-checkpoint-tmp-1700000000000").mkdir()
  assert list_steps(tmp_path) == [5]


def test_listing_writes_and_deletes_nothing(tmp_path):
  save(tmp_path, 5)
  (tmp_path / "checkpoints" / "10.orbax-checkpoint-tmp").mkdir()
  before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
  list_steps(tmp_path)
  assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_missing_step_is_refused_with_those_there_are(tmp_path):
  save(tmp_path, 3, 20)
  assert one(tmp_path, 3) == 3
  with pytest.raises(UserError, match="no checkpoint of step 4; there are 3, 20"):
    one(tmp_path, 4)


def test_a_finished_run_is_followed_without_waiting(tmp_path):
  save(tmp_path, 3, 20)
  mark_finished(tmp_path, 20)
  assert followed(tmp_path, never) == [3, 20]


def test_checkpoints_are_followed_as_they_appear(tmp_path):
  save(tmp_path, 3)
  pause = Script(
    lambda: save(tmp_path, 6), lambda: None, lambda: (save(tmp_path, 9), mark_finished(tmp_path, 9))
  )
  assert followed(tmp_path, pause) == [3, None, 6, None, None, 9]
  assert pause.seconds == [targets.SECONDS_BETWEEN_LOOKS] * 3


def test_a_run_may_be_followed_before_it_begins(tmp_path):
  workdir = tmp_path / "run"
  pause = Script(lambda: None, lambda: (save(workdir, 5), mark_finished(workdir, 5)))
  assert followed(workdir, pause) == [None, None, 5]


def test_several_that_appear_at_once_come_in_order(tmp_path):
  pause = Script(lambda: save(tmp_path, 30, 4, 12), lambda: mark_finished(tmp_path, 30))
  assert steps_of(followed(tmp_path, pause)) == [4, 12, 30]


def test_the_mark_alone_ends_it(tmp_path):
  save(tmp_path, 3)
  assert followed(tmp_path, Script(lambda: mark_finished(tmp_path, 3))) == [3, None]


def test_the_last_may_appear_while_another_is_scored(tmp_path):
  save(tmp_path, 3)
  steps = follow(tmp_path, never)
  assert next(steps) == 3
  save(tmp_path, 6)
  mark_finished(tmp_path, 6)
  assert list(steps) == [6]


def test_the_last_is_not_missed_between_the_listing_and_the_look_for_the_mark(
  tmp_path, monkeypatch
):
  save(tmp_path, 3)
  listed = []

  def list_then_finish(workdir):
    steps = list_steps(workdir)
    listed.append(steps)
    if len(listed) == 1:  # the training ends right after it was looked at
      save(tmp_path, 6)
      mark_finished(tmp_path, 6)
    return steps

  monkeypatch.setattr(targets, "list_steps", list_then_finish)
  assert followed(tmp_path, never) == [3, 6]


def test_the_last_is_not_missed_between_the_look_for_the_mark_and_the_listing(
  tmp_path, monkeypatch
):
  save(tmp_path, 3)
  looks = []

  def look_then_finish(workdir):
    found = has_ended(workdir)
    looks.append(found)
    if len(looks) == 1:
      save(tmp_path, 6)
      mark_finished(tmp_path, 6)
    return found

  monkeypatch.setattr(targets, "has_ended", look_then_finish)
  assert followed(tmp_path, never) == [3, 6]


def test_the_last_is_not_missed_while_nothing_is_new(tmp_path, monkeypatch):
  # Nothing new at the first look, and all of it between that listing and the pause.
  first = []

  def list_nothing_then_finish(workdir):
    steps = list_steps(workdir)
    if not first:
      first.append(True)
      save(tmp_path, 6)
      mark_finished(tmp_path, 6)
    return steps

  monkeypatch.setattr(targets, "list_steps", list_nothing_then_finish)
  assert followed(tmp_path, Script(lambda: None)) == [None, 6]


def test_a_checkpoint_that_the_trainer_deletes_does_not_disturb_it(tmp_path):
  import shutil

  save(tmp_path, 3, 6)
  steps = follow(tmp_path, never)
  assert next(steps) == 3
  shutil.rmtree(tmp_path / "checkpoints" / "3")
  save(tmp_path, 9)
  mark_finished(tmp_path, 9)
  assert list(steps) == [6, 9]


def test_what_ends_the_pause_ends_the_following(tmp_path):
  steps = follow(tmp_path, Script())
  assert next(steps) is None
  with pytest.raises(KeyboardInterrupt):
    next(steps)


def test_a_run_that_diverged_has_no_further_checkpoints(tmp_path):
  save(tmp_path, 3)
  assert followed(tmp_path, Script(lambda: mark_diverged(tmp_path, 3))) == [3, None]
