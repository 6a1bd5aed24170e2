import pathlib
import subprocess
import sys

import pytest

from dcgan_jax.classification import command
from dcgan_jax.classification.recipe import Recipe
from dcgan_jax.classify import classify
from dcgan_jax.data import held_out
from dcgan_jax.errors import UserError


@pytest.fixture
def jobs(monkeypatch):
  """The jobs that the command would have run."""
  seen = []
  monkeypatch.setattr(command, "run", lambda job: seen.append(job) or 0)
  return seen


@pytest.fixture
def splits(monkeypatch):
  """The splits that every set has held out, as `held_out_splits` finds them."""
  there = ["test", "validation"]
  monkeypatch.setattr(held_out, "held_out_splits", lambda name, directory: tuple(there))
  return there


def test_the_defaults_are_the_recipes(jobs, splits):
  assert classify(["--data=fer2013"]) == 0
  workdir = pathlib.Path("runs/classifier-fer2013")
  assert jobs == [command.Job("fer2013", None, "test", workdir, Recipe())]


def test_a_set_without_a_test_split_is_scored_on_the_one_that_evaluate_takes(jobs, splits):
  splits.remove("test")
  classify(["--data=fer2013"])
  assert jobs[0].held_out == "validation"


def test_every_flag_arrives(jobs, splits):
  flags = ["--data=x", "--data-dir=d", "--held-out=validation", "--epochs=3", "--batch-size=5"]
  classify([*flags, "--seed=7", "--out=o"])
  recipe = Recipe(seed=7, epochs=3, batch_size=5)
  assert jobs == [command.Job("x", "d", "validation", pathlib.Path("o"), recipe)]


def test_a_disk_that_fails_is_one_message(monkeypatch, splits):
  def full(job):
    raise OSError(28, "No space left on device", "runs/x/result.json")

  monkeypatch.setattr(command, "run", full)
  with pytest.raises(UserError, match=r"runs/x/result.json: No space left on device"):
    classify(["--data=x"])


@pytest.mark.parametrize(
  "argument", ["--epochs=0", "--batch-size=x", "--seed=-1", "--held-out=train"]
)
def test_a_value_out_of_range_is_a_usage_error(argument, capsys):
  with pytest.raises(SystemExit) as end:
    classify(["--data=x", argument])
  assert end.value.code == 2
  assert argument.split("=")[0] in capsys.readouterr().err


def test_help_loads_neither_jax_nor_tensorflow():
  code = (
    "import sys\n"
    "from dcgan_jax.classify import classify\n"
    "try:\n  classify(['--help'])\n"
    "except SystemExit as end:\n  assert end.code == 0\n"
    "assert not {'jax', 'tensorflow'} & set(sys.modules)\n"
  )
  done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
  assert done.returncode == 0, done.stderr
  assert "python -m dcgan_jax.classify --data=fer2013" in done.stdout
