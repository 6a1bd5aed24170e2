"""Scoring a run beside its training: `--follow`, in processes of their own."""

import json
import os
import signal
import subprocess
import sys

import pytest


@pytest.fixture
def training(tmp_path, data_dir):
  """A training of 60 steps with a checkpoint every 6, under way."""
  workdir = tmp_path / "followed"
  config = os.path.join(os.path.dirname(__file__), "..", "configs", "default.py")
  fields = {
    "num_steps": 60, "data.name": "synthetic", "data.data_dir": data_dir, "model.width": 2,
    "model.latent_size": 8, "batch_size": 8, "steps_per_dispatch": 2, "log_every": 2,
    "sample_every": 1000, "checkpoint_every": 6, "keep_latest": 100,
  }  # fmt: skip
  flags = [f"--config.{name}={value}" for name, value in fields.items()]
  process = subprocess.Popen(
    [sys.executable, "-m", "dcgan_jax.main", f"--config={config}", f"--workdir={workdir}", *flags],
    stderr=subprocess.DEVNULL,
  )
  yield workdir, process
  process.kill()
  process.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("own_caches")
def test_following_scores_each_checkpoint_once_though_it_is_killed_twice(training):
  """Beside the training, and to its last checkpoint."""
  workdir, process = training
  following = [
    sys.executable, "-m", "dcgan_jax.evaluate", f"--workdir={workdir}", "--follow", "--num=16",
    "--metrics=swd", "--device=cpu",
  ]  # fmt: skip
  for _ in range(2):
    evaluator = subprocess.Popen(following, stdout=subprocess.PIPE, text=True)
    # Tables of scores taken before are not printed again: a line is a checkpoint scored just now.
    next(line for line in evaluator.stdout if "swd16_train" in line)
    evaluator.send_signal(signal.SIGKILL)
    evaluator.communicate()
  last = subprocess.run(following, check=False, capture_output=True, text=True)
  assert last.returncode == 0, last.stderr
  assert process.wait() == 0
  lines = (workdir / "evaluation.jsonl").read_text().splitlines()
  steps = [json.loads(line)["subject"]["step"] for line in lines]
  assert steps == list(range(6, 61, 6))
  assert "training is done" in last.stderr
