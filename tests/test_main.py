import subprocess
import sys

import pytest

from dcgan_jax.errors import EXIT_INTERRUPTED, EXIT_USAGE
from dcgan_jax.main import default_workdir


def run(*arguments, cwd):
  command = [sys.executable, "-m", "dcgan_jax.main", *map(str, arguments)]
  return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    ([], ["--config is missing", "configs/quickstart.py"]),
    (["--config=nowhere.py"], ["nowhere.py: no such file"]),
    (["--config={configs}/ex2.py", "--config.bach_size=4"], ["bach_size", "batch_size"]),
    (["--config={configs}/ex2.py", "--config.batch_size=many"], ["batch_size", "many"]),
    (["--config={configs}/ex2.py", "--wokdir=x"], ["wokdir"]),
    (["--config={configs}/ex2.py", "stray"], ["stray"]),
    (["--config={configs}/ex2.py", "--config.batch_size=0"], ["config.batch_size: 0 is below 1"]),
    (
      ["--config={configs}/ex2.py", "--config.data.data_dir={tmp}"],
      ["'fer2013' is not prepared", "python -m dcgan_jax.prepare fer2013"],
    ),
  ],
)
def test_a_mistake_in_the_command_is_a_message_and_code_2(configs, tmp_path, arguments, words):
  filled = [a.format(configs=configs, tmp=tmp_path) for a in arguments]
  result = run(*filled, cwd=tmp_path)
  assert result.returncode == EXIT_USAGE, result.stderr
  assert "Traceback" not in result.stderr
  assert result.stderr.startswith("main: ")
  for word in words:
    assert word in result.stderr


@pytest.mark.parametrize(
  ("text", "words"),
  [
    ("def get_config(:", ["line 1"]),
    ("x = 1", ["get_config"]),
    ("from configs import default\ndef get_config():\n  return 1 / 0", ["division by zero"]),
  ],
)
def test_a_config_file_that_does_not_load_is_named(tmp_path, text, words):
  (tmp_path / "mine.py").write_text(text)
  result = run("--config=mine.py", cwd=tmp_path)
  assert result.returncode == EXIT_USAGE
  assert "Traceback" not in result.stderr
  assert "mine.py" in result.stderr
  for word in words:
    assert word in result.stderr


@pytest.mark.parametrize(
  ("expression", "workdir"),
  [(None, "runs/ex2"), ("each", "runs/ex2"), ("", "runs/ex2"), ("happy", "runs/ex2/happy")],
)
def test_a_run_is_called_after_its_config_and_lies_where_a_run_of_each_class_has_it(
  expression, workdir
):
  assert str(default_workdir("configs/ex2.py", expression)) == workdir


def test_an_unknown_expression_is_told_and_makes_no_folder(configs, tmp_path, data_dir):
  data = ["--config.data.name=synthetic", f"--config.data.data_dir={data_dir}"]
  config = f"--config={configs}/radford_fer2013.py"
  result = run(config, *data, "--config.data.expression=hapy", cwd=tmp_path)
  assert result.returncode == EXIT_USAGE
  assert "'hapy': not one of synthetic/train's classes: angry, " in result.stderr
  assert not (tmp_path / "runs").exists()


def test_a_batch_that_does_not_divide_over_the_devices_is_refused(configs, tmp_path, monkeypatch):
  monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=8")
  result = run(f"--config={configs}/ex2.py", "--config.batch_size=12", cwd=tmp_path)
  assert result.returncode == EXIT_USAGE
  assert "config.batch_size: 12 does not divide over 8 devices" in result.stderr


# Python's import system runs weak references' callbacks, where it ignores what is raised.
_SIGNALLED_WITHIN_AN_IMPORT = """
import os, runpy, signal, sys, weakref
class Finder:
  def find_spec(self, name, path=None, target=None):
    if name == "dcgan_jax.train":
      here = lambda: None
      guard = weakref.ref(here, lambda _: os.kill(os.getpid(), signal.SIGTERM))
      del here
sys.meta_path.insert(0, Finder())
runpy.run_module("dcgan_jax.main", run_name="__main__")
"""


def test_a_signal_while_modules_load_is_not_lost(configs, tmp_path):
  command = [sys.executable, "-c", _SIGNALLED_WITHIN_AN_IMPORT, f"--config={configs}/ex2.py"]
  result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
  assert result.returncode == EXIT_INTERRUPTED, result.stderr
  assert result.stderr == "SIGTERM: nothing was begun.\n"


def test_help_shows_a_command_to_copy(tmp_path):
  result = run("--help", cwd=tmp_path)
  assert result.returncode == 0
  assert "python -m dcgan_jax.main --config=configs/ex2.py" in result.stdout
  assert "--workdir" in result.stdout


def test_the_workdir_is_named_after_the_config(configs, tmp_path, data_dir):
  result = run(
    f"--config={configs}/quickstart.py", f"--config.data.data_dir={data_dir}",
    "--config.model.width=2", "--config.num_steps=2", cwd=tmp_path,
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  assert (tmp_path / "runs" / "quickstart" / "finished.json").exists()
  assert "python -m dcgan_jax.sample --workdir=runs/quickstart" in result.stderr
