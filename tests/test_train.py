import json
import os
import signal
import subprocess
import sys
import threading

import jax
import numpy as np
import pytest
from small import small_config

from dcgan_jax import precision_check
from dcgan_jax.artist import Artist
from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.ending import has_ended, is_finished
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, UserError
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.models.build import build
from dcgan_jax.run import Run
from dcgan_jax.sample import sample
from dcgan_jax.tracking import TensorBoard
from dcgan_jax.train import train


def state_at(workdir, config, step, num_classes=0):
  """The whole state of a checkpoint: parameters, optimiser, BatchNorm statistics, EMA."""
  networks = build(config.model, (48, 48, 1), num_classes)
  like = create_state(networks, make_optimizers(config.optimizer), 0)
  checkpoints = Checkpoints(workdir)
  state = checkpoints.restore(step, like)
  checkpoints.close()
  return state


def assert_same_bits(a, b):
  jax.tree.map(np.testing.assert_array_equal, a, b)


def command(config, workdir, steps):
  """The command line of the same run; the steps are spread so that log lines can be waited for."""
  fields = {
    "num_steps": steps, "data.name": "synthetic", "data.data_dir": config.data.data_dir,
    "model.width": 2, "model.latent_size": 8, "batch_size": 8, "steps_per_dispatch": 4,
    "log_every": 4, "sample_every": 1000, "checkpoint_every": 20,
  }  # fmt: skip
  flags = [f"--config.{name}={value}" for name, value in fields.items()]
  here = os.path.join(os.path.dirname(__file__), "..", "configs", "default.py")
  return [
    sys.executable, "-m", "dcgan_jax.main", f"--config={here}", f"--workdir={workdir}", *flags,
  ]  # fmt: skip


def rows_of(workdir):
  return [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data_dir):
  """An uninterrupted run of 12 steps, its config and its workdir."""
  config = small_config(data_dir)
  workdir = tmp_path_factory.mktemp("finished")
  assert train(config, workdir) == 0
  return config, workdir


def test_a_run_leaves_what_its_workdir_promises(finished):
  config, workdir = finished
  assert json.loads((workdir / "finished.json").read_text()) == {"step": 12}
  assert json.loads((workdir / "config.json").read_text())["batch_size"] == config.batch_size
  assert (workdir / "curves.png").stat().st_size > 1000
  names = {path.name for path in (workdir / "samples").iterdir()}
  assert names == {f"000000{s}{kind}.png" for s in ("06", "12") for kind in ("", "_ema")}
  assert list((workdir / "tensorboard").iterdir())
  assert [row["step"] for row in rows_of(workdir)] == [4, 8, 12]


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


@pytest.fixture(scope="module")
def rounded(finished, tmp_path_factory):
  """The same run in bfloat16, its config and its workdir."""
  config = finished[0].copy_and_resolve_references()
  config.precision = "bfloat16"
  workdir = tmp_path_factory.mktemp("rounded")
  assert train(config, workdir) == 0
  return config, workdir


def test_the_configs_precision_is_that_of_the_updates(finished, rounded):
  ours, exact = (rows_of(workdir)[0] for _, workdir in (rounded, finished))
  for loss in ("discriminator_loss", "generator_loss"):
    assert ours[loss] != exact[loss]
    assert ours[loss] == pytest.approx(exact[loss], rel=0.05)


def test_where_bfloat16_does_not_work_the_run_is_a_float32_one(
  finished, tmp_path, monkeypatch, capsys
):
  monkeypatch.setattr(precision_check, "_refusal", lambda: "DotThunk")
  config = finished[0].copy_and_resolve_references()
  config.precision, config.num_steps = "bfloat16", 5
  assert train(config, tmp_path) == 0
  assert "does not work on this CPU (DotThunk)" in capsys.readouterr().err
  assert json.loads((tmp_path / "config.json").read_text())["precision"] == "float32"
  assert rows_of(tmp_path)[0]["generator_loss"] == rows_of(finished[1])[0]["generator_loss"]


def test_a_run_that_fell_back_to_float32_goes_on_where_bfloat16_works(
  finished, tmp_path, monkeypatch, capsys
):
  config = finished[0].copy_and_resolve_references()
  with monkeypatch.context() as there:
    there.setattr(precision_check, "_refusal", lambda: "DotThunk")
    asked = config.copy_and_resolve_references()
    asked.precision, asked.num_steps = "bfloat16", 5
    assert train(asked, tmp_path) == 0
  asked = config.copy_and_resolve_references()
  asked.precision = "bfloat16"
  assert train(asked, tmp_path) == 0
  assert "it goes on in float32" in capsys.readouterr().err
  assert_same_bits(state_at(tmp_path, config, 12), state_at(finished[1], config, 12))


def test_mixed_bfloat16_rounds_more_and_trains_alike(finished, rounded, tmp_path):
  config = finished[0].copy_and_resolve_references()
  config.precision, config.num_steps = "mixed_bfloat16", 4
  assert train(config, tmp_path) == 0
  mixed, ours, exact = (rows_of(path)[0] for path in (tmp_path, rounded[1], finished[1]))
  for loss in ("discriminator_loss", "generator_loss"):
    assert mixed[loss] not in (ours[loss], exact[loss])
    assert mixed[loss] == pytest.approx(exact[loss], rel=0.05)


def test_a_run_in_bfloat16_resumes_to_the_same_bits(rounded, tmp_path):
  whole, workdir = rounded
  config = whole.copy_and_resolve_references()
  for steps in (5, 12):
    config.num_steps = steps
    assert train(config, tmp_path) == 0
  assert_same_bits(state_at(tmp_path, config, 12), state_at(workdir, whole, 12))


def test_pictures_of_a_run_in_bfloat16_are_those_that_sampling_draws(rounded, tmp_path):
  _, workdir = rounded
  out = tmp_path / "grid.png"
  assert sample([f"--workdir={workdir}", "--num=64", "--ema", f"--out={out}"]) == 0
  assert out.read_bytes() == (workdir / "samples" / "00000012_ema.png").read_bytes()


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


def start_and_wait_for(arguments, step):
  """Starts a command and returns it once it has logged a step."""
  process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
  seen = []
  for line in process.stderr:
    seen.append(line)
    if line.startswith(f"step {step}/"):
      return process
  raise AssertionError("".join(seen))


@pytest.fixture(scope="module")
def sixty_steps(finished, tmp_path_factory):
  config, _ = finished
  workdir = tmp_path_factory.mktemp("sixty")
  subprocess.run(command(config, workdir, 60), check=True)
  return workdir


def test_a_run_killed_in_mid_step_and_resumed_is_bit_for_bit_the_undisturbed_one(
  finished, sixty_steps, tmp_path
):
  config, _ = finished
  arguments = command(config, tmp_path, 60)
  process = start_and_wait_for(arguments, 44)
  process.kill()
  process.communicate()
  assert not (tmp_path / "finished.json").exists()
  subprocess.run(arguments, check=True)
  assert_same_bits(state_at(tmp_path, config, 60), state_at(sixty_steps, config, 60))

  def losses(workdir):
    rows = rows_of(workdir)
    return [{k: v for k, v in row.items() if k != "images_per_second"} for row in rows]

  assert losses(tmp_path) == losses(sixty_steps)


def test_sigterm_saves_first_and_says_how_to_go_on(finished, sixty_steps, tmp_path):
  config, _ = finished
  arguments = command(config, tmp_path, 60)
  process = start_and_wait_for(arguments, 24)
  process.terminate()
  _, rest = process.communicate()
  assert process.returncode == EXIT_INTERRUPTED
  checkpoints = Checkpoints(tmp_path)
  saved = checkpoints.steps()[-1]
  checkpoints.close()
  assert f"SIGTERM: saved step {saved}." in rest
  assert 24 <= saved < 60
  subprocess.run(arguments, check=True)
  assert_same_bits(state_at(tmp_path, config, 60), state_at(sixty_steps, config, 60))


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


def test_what_tensorboards_thread_meets_is_told(config, tmp_path, monkeypatch):
  def full(board):
    raise OSError(28, "No space left on device")

  monkeypatch.setattr(TensorBoard, "_writer", property(full))
  with pytest.raises(UserError, match=r"tensorboard: cannot be written: No space left on device\."):
    train(config, tmp_path)


def test_data_that_are_not_prepared_say_how_to_prepare_them(config, tmp_path):
  config.data.name = "ckplus"
  with pytest.raises(UserError, match=r"python -m dcgan_jax\.prepare ckplus --source"):
    train(config, tmp_path)


def test_a_drawing_that_fails_as_the_run_is_interrupted_is_told_and_the_step_is_saved(
  config, tmp_path, monkeypatch
):
  failing = threading.Event()

  def fail(artist, drawing):
    os.kill(os.getpid(), signal.SIGTERM)
    failing.set()
    raise OSError(28, "No space left on device")

  draw = Run._draw

  def draw_and_wait(run, step, state):
    draw(run, step, state)
    assert failing.wait(60)  # so that the signal comes while this drawing is the newest

  monkeypatch.setattr(Artist, "_draw", fail)
  monkeypatch.setattr(Run, "_draw", draw_and_wait)
  config.sample_every, config.checkpoint_every, config.num_steps = 4, 1000, 12
  with pytest.raises(UserError, match=r"No space left on device\.\nOnce that is mended, the same"):
    train(config, tmp_path)
  checkpoints = Checkpoints(tmp_path)
  assert checkpoints.steps() == [4]
  checkpoints.close()


def test_dispatches_of_any_length_run_one_compiled_program(config, tmp_path, caplog):
  config.num_steps = 11  # by fours and to every third and sixth: dispatches of 3, 1, 2, 2, 1, 2
  with jax.log_compiles(), caplog.at_level("WARNING"):
    assert train(config, tmp_path) == 0
  compiled = [text for text in caplog.messages if text.startswith("Compiling ")]
  # The update alone takes the set.
  assert sum("uint8[90,2304]" in text for text in compiled) == 1
