"""Trainings that are killed, or told to stop."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from run_files import assert_same_bits, rows_of, state_at

from dcgan_jax.artist import Artist
from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.errors import EXIT_INTERRUPTED, UserError
from dcgan_jax.run import Run
from dcgan_jax.train import train


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


def start_and_wait_for(arguments, words):
  """Starts a command and returns it once a line of its has begun with these words."""
  process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
  seen = []
  for line in process.stderr:
    seen.append(line)
    if line.startswith(words):
      return process
  raise AssertionError("".join(seen))


@pytest.fixture(scope="module")
def sixty_steps(finished, tmp_path_factory):
  config, _ = finished
  workdir = tmp_path_factory.mktemp("sixty")
  subprocess.run(command(config, workdir, 60), check=True)
  return workdir


@pytest.mark.slow
def test_a_run_killed_in_mid_step_and_resumed_is_bit_for_bit_the_undisturbed_one(
  finished, sixty_steps, tmp_path
):
  config, _ = finished
  arguments = command(config, tmp_path, 60)
  process = start_and_wait_for(arguments, "step 44/")
  process.kill()
  process.communicate()
  assert not (tmp_path / "finished.json").exists()
  subprocess.run(arguments, check=True)
  assert_same_bits(state_at(tmp_path, config, 60), state_at(sixty_steps, config, 60))

  def losses(workdir):
    rows = rows_of(workdir)
    return [{k: v for k, v in row.items() if k != "images_per_second"} for row in rows]

  assert losses(tmp_path) == losses(sixty_steps)


@pytest.mark.slow
def test_sigterm_saves_first_and_says_how_to_go_on(finished, sixty_steps, tmp_path):
  config, _ = finished
  arguments = command(config, tmp_path, 60)
  process = start_and_wait_for(arguments, "step 24/")
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


def test_sigterm_before_the_first_step_is_not_lost(finished, tmp_path):
  arguments = command(finished[0], tmp_path, 60)
  process = start_and_wait_for(arguments, "synthetic/train: 90 images")
  process.terminate()  # while it compiles
  _, rest = process.communicate()
  assert process.returncode == EXIT_INTERRUPTED
  assert "SIGTERM: saved step 4. The same command resumes from there." in rest


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
