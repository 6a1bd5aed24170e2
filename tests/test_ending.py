import json

from dcgan_jax.ending import has_ended, is_finished, mark_diverged, mark_finished, mark_running


def test_a_run_that_goes_on_has_no_mark(tmp_path):
  assert not has_ended(tmp_path)
  mark_finished(tmp_path, 12)
  mark_diverged(tmp_path, 12)
  mark_running(tmp_path)
  assert not has_ended(tmp_path)
  assert list(tmp_path.iterdir()) == []


def test_a_finished_run_says_at_which_step(tmp_path):
  mark_finished(tmp_path, 12)
  assert is_finished(tmp_path)
  assert has_ended(tmp_path)
  assert json.loads((tmp_path / "finished.json").read_text()) == {"step": 12}


def test_a_diverged_run_has_ended_and_is_not_finished(tmp_path):
  mark_diverged(tmp_path, 9)
  assert not is_finished(tmp_path)
  assert has_ended(tmp_path)
