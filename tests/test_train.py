import json
import os
import shutil
import signal

import jax
import numpy as np
import pytest
from page_reader import PageReader
from run_files import assert_same_bits, rows_of, state_at

from dcgan_jax.artist import Artist
from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.ending import has_ended, is_finished
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, UserError
from dcgan_jax.run import Run
from dcgan_jax.tracking import TensorBoard
from dcgan_jax.train import train
from dcgan_jax.workdir_lock import sole_trainer


def test_a_run_leaves_what_its_workdir_promises(finished):
  config, workdir = finished
  assert json.loads((workdir / "finished.json").read_text()) == {"step": 12}
  assert json.loads((workdir / "config.json").read_text())["batch_size"] == config.batch_size
  assert (workdir / "curves.png").stat().st_size > 1000
  names = {path.name for path in (workdir / "samples").iterdir()}
  assert names == {f"000000{s}{kind}.png" for s in ("06", "12") for kind in ("", "_ema")}
  assert list((workdir / "tensorboard").iterdir())
  assert [row["step"] for row in rows_of(workdir)] == [4, 8, 12]


def test_a_run_leaves_a_page_and_what_it_ran_on(finished):
  _, workdir = finished
  assert "finished 12 updates." in page_of(workdir)
  run = json.loads((workdir / "run.json").read_text())
  assert (run["total_steps"], run["data"]["num_examples"]) == (12, 90)
  assert [session["step"] for session in run["sessions"]] == [0]


def page_of(workdir):
  """What the run's page says."""
  page = PageReader((workdir / "report.html").read_text())
  assert page.problems == []
  return page.text


def test_while_a_run_trains_and_once_it_was_interrupted_its_page_says_so(
  config, tmp_path, monkeypatch
):
  said, after, close = [], Run.after, Artist.close

  def stop_at_step_8(run, dispatch, state, metrics):
    after(run, dispatch, state, metrics)
    if dispatch.start + dispatch.steps == 8:
      os.kill(os.getpid(), signal.SIGTERM)

  def look_and_close(artist):
    said.append(page_of(tmp_path))
    close(artist)

  monkeypatch.setattr(Run, "after", stop_at_step_8)
  monkeypatch.setattr(Artist, "close", look_and_close)
  assert train(config, tmp_path) == EXIT_INTERRUPTED
  # Written at the first log point; the next time would have been a minute later.
  assert "training 4 of 12 updates;" in said[0]
  assert "not finished 8 of 12 updates." in page_of(tmp_path)
  monkeypatch.undo()
  assert train(config, tmp_path) == 0
  page = page_of(tmp_path)
  assert "finished 12 updates." in page
  assert "Start 1 of 2" in page
  assert "at step 8" in page
  assert "Damaged, missing" not in page


@pytest.mark.slow
def test_a_page_that_cannot_be_written_changes_no_exit_code(config, tmp_path, capsys):
  (tmp_path / "report.html").mkdir()
  assert train(config, tmp_path) == 0
  assert "report.html: not written: Is a directory" in capsys.readouterr().err


def test_the_logged_scalars_are_those_the_readme_names(finished):
  _, workdir = finished
  assert set(rows_of(workdir)[0]) == {
    "step", "discriminator_loss", "generator_loss", "accuracy_real", "accuracy_fake",
    "discriminator_gradient_norm", "generator_gradient_norm", "images_per_second",
  }  # fmt: skip


def test_a_finished_run_has_nothing_left_to_do(finished, capsys):
  config, workdir = finished
  assert train(config, workdir) == 0
  assert "nothing left to do" in capsys.readouterr().err


def test_a_finished_run_that_lost_its_mark_gets_it_back(finished):
  config, workdir = finished
  (workdir / "finished.json").unlink()
  assert train(config, workdir) == 0
  assert json.loads((workdir / "finished.json").read_text()) == {"step": 12}


def test_a_run_stopped_and_resumed_is_bit_for_bit_the_uninterrupted_one(finished, config, tmp_path):
  whole, workdir = finished
  for steps in (5, 9, 12):  # none of them a multiple of the dispatch but the last
    config.num_steps = steps
    assert train(config, tmp_path) == 0
  assert_same_bits(state_at(tmp_path, config, 12), state_at(workdir, whole, 12))
  np.testing.assert_equal(rows_of(tmp_path)[-1]["step"], 12)


def test_a_run_that_streams_from_the_host_has_the_same_bits(finished, tmp_path):
  whole, workdir = finished
  config = whole.copy_and_resolve_references()
  for steps, placement in ((5, "host"), (9, "device"), (12, "host")):
    config.num_steps, config.data.placement = steps, placement
    assert train(config, tmp_path) == 0
  assert_same_bits(state_at(tmp_path, config, 12), state_at(workdir, whole, 12))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["acgan", "projection"])
def test_dropout_classes_augmentation_rates_and_spectral_vectors_go_on_where_they_were(
  config, tmp_path, name
):
  config.model.name, config.augmentation = name, "color,translation,cutout,flip"
  if name == "projection":
    config.model.spectral_norm, config.model.discriminator_batch_norm = True, False
  config.augmentation_start, config.augmentation_ramp = 2, 5
  config.optimizer.decay_steps = 12
  config.num_steps = 9
  assert train(config, tmp_path / "whole") == 0
  for steps in (5, 9):
    config.num_steps = steps
    assert train(config, tmp_path / "resumed") == 0
  resumed, whole = (state_at(tmp_path / run, config, 9, 7) for run in ("resumed", "whole"))
  assert_same_bits(resumed, whole)


def test_another_seed_is_another_run(finished, config, tmp_path):
  whole, workdir = finished
  config.seed = 1
  train(config, tmp_path)
  ours, theirs = state_at(tmp_path, config, 12), state_at(workdir, whole, 12)
  assert not np.array_equal(ours.generator.params["up1"]["kernel"],
                            theirs.generator.params["up1"]["kernel"])  # fmt: skip


def test_a_loss_that_is_not_finite_stops_the_run_and_spares_the_checkpoints(
  finished, config, tmp_path, capsys
):
  config.num_steps = 6
  train(config, tmp_path)
  # Two more runs' worth of steps, with a state whose generator has been poisoned at step 6.
  poisoned = state_at(tmp_path, config, 6)
  bad = jax.tree.map(lambda x: x * np.nan, poisoned.generator.params)
  poisoned = poisoned.replace(generator=poisoned.generator.replace(params=bad))
  checkpoints = Checkpoints(tmp_path)
  record = checkpoints.record(6)
  checkpoints.save(7, poisoned, record)
  checkpoints.close()
  config.num_steps = 12
  assert train(config, tmp_path) == EXIT_DIVERGED
  message = capsys.readouterr().err
  assert "stopped being finite between steps 7 and 8" in message
  checkpoints = Checkpoints(tmp_path)
  assert checkpoints.steps()[-1] == 7
  checkpoints.close()
  assert has_ended(tmp_path)
  assert not is_finished(tmp_path)
  assert "diverged 7 of 12 updates; a loss or gradient stopped being finite." in page_of(tmp_path)


def test_a_damaged_checkpoint_costs_the_steps_since_the_one_before_and_no_more(
  finished, tmp_path, capsys
):
  config, whole = finished
  workdir = shutil.copytree(whole, tmp_path / "run")
  largest = max(
    (path for path in (workdir / "checkpoints" / "12").rglob("*") if path.is_file()),
    key=lambda path: path.stat().st_size,
  )
  content = bytearray(largest.read_bytes())
  content[len(content) // 2] ^= 1
  largest.write_bytes(content)
  assert train(config, workdir) == 0
  said = capsys.readouterr().err
  assert "checkpoints/12: the checkpoint is damaged: " in said
  assert "Resuming from the checkpoint of step 9." in said
  assert is_finished(workdir)
  assert "finished 12 updates." in page_of(workdir)
  assert_same_bits(state_at(workdir, config, 12), state_at(whole, config, 12))


def test_a_second_training_in_the_same_workdir_is_refused(config, tmp_path):
  with sole_trainer(tmp_path), pytest.raises(UserError, match="trains in it"):
    train(config, tmp_path)
  assert not (tmp_path / "checkpoints").exists()


def test_a_workdir_of_another_architecture_is_refused(finished, config):
  _, workdir = finished
  config.model.width = 4
  with pytest.raises(UserError, match=r"config\.model\.width: 2 there, 4 now"):
    train(config, workdir)


def test_a_workdir_that_is_a_file_is_refused(config, tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match="is a file, not a folder"):
    train(config, tmp_path / "file")


@pytest.mark.parametrize("name", ["samples", "tensorboard", "metrics.jsonl"])
def test_what_cannot_be_written_is_named(config, tmp_path, name):
  if name == "metrics.jsonl":
    (tmp_path / name).mkdir()
  else:
    (tmp_path / name).write_text("a file where a folder should be")
  with pytest.raises(UserError, match=rf"{name}.*(\n.*)*the same command goes on"):
    train(config, tmp_path)


@pytest.mark.parametrize(
  "error",
  [
    OSError(28, "No space left on device"),
    # As TensorFlow's ResourceExhaustedError has it.
    Exception("{{node Create}} run/events.v2; No space left on device\n\tCould not initialize."),
  ],
)
def test_what_tensorboards_thread_meets_is_told(config, tmp_path, monkeypatch, error):
  def full(board):
    raise error

  monkeypatch.setattr(TensorBoard, "_writer", property(full))
  with pytest.raises(UserError, match=r"tensorboard: cannot be written: No space left on device\."):
    train(config, tmp_path)


def test_data_that_are_not_prepared_say_how_to_prepare_them(config, tmp_path):
  config.data.name = "ckplus"
  with pytest.raises(UserError, match=r"python -m dcgan_jax\.prepare ckplus --source"):
    train(config, tmp_path)


def test_dispatches_of_any_length_run_one_compiled_program(config, tmp_path, caplog):
  config.num_steps = 11  # by fours and to every third and sixth: dispatches of 3, 1, 2, 2, 1, 2
  with jax.log_compiles(), caplog.at_level("WARNING"):
    assert train(config, tmp_path) == 0
  compiled = [text for text in caplog.messages if text.startswith("Compiling ")]
  # The update alone takes the set.
  assert sum("uint8[90,2304]" in text for text in compiled) == 1
