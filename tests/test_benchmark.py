import importlib.util
import json
import subprocess
import sys

import pytest

from dcgan_jax.errors import EXIT_USAGE


def run(*arguments, cwd):
  command = [sys.executable, "-m", "dcgan_jax.benchmark", *map(str, arguments)]
  return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.slow
def test_a_config_is_measured_and_the_figures_are_written(configs, tmp_path):
  result = run(
    f"--config={configs}/ex2.py", "--config.model.width=2", "--config.batch_size=4",
    "--seconds=0", "--json=speed.json", cwd=tmp_path,
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  (figures,) = json.loads((tmp_path / "speed.json").read_text())
  assert figures["images_per_second"] == pytest.approx(4 / figures["step_seconds"])
  assert f"images/s     {figures['images_per_second']:,.1f}" in result.stdout
  assert "peak memory" in result.stdout


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    ([], ["--config is missing"]),
    (["--config={configs}/ex2.py", "--compile-for=v2-8,v9-8"], ["v9-8: not one of v2-8, v3-8"]),
    (["--config={configs}/ex2.py", "--config.batch_size=0"], ["config.batch_size: 0 is below 1"]),
    (["--config={configs}/ex2.py", "--seconds=-1"], ["seconds"]),
    (["--config={configs}/ex2.py", "--json={configs}"], ["a folder; name a file in it"]),
    (
      ["--config={configs}/ex2.py", "--config.model.image_size=50"],
      ["config.model: images are 50×50", "the nearest being 48×48"],
    ),
    (
      ["--config={configs}/ex2.py", "--config.batch_size=12", "--compile-for=v2-8"],
      ["12 does not divide over 8 devices"],
    ),
  ],
)
def test_a_mistake_in_the_command_is_a_message_and_code_2(configs, tmp_path, arguments, words):
  result = run(*(a.format(configs=configs) for a in arguments), cwd=tmp_path)
  assert result.returncode == EXIT_USAGE, result.stderr
  assert "Traceback" not in result.stderr
  assert result.stderr.startswith("benchmark: ")
  for word in words:
    assert word in result.stderr


@pytest.mark.skipif(
  importlib.util.find_spec("libtpu") is not None, reason="the TPU compiler is installed"
)
def test_without_the_tpu_compiler_the_command_that_installs_it_is_told(configs, tmp_path):
  result = run(f"--config={configs}/ex2.py", "--compile-for=v5e-1", cwd=tmp_path)
  assert result.returncode == EXIT_USAGE, result.stderr
  assert "Traceback" not in result.stderr
  assert 'pip install ".[tpu]"' in result.stderr


def test_help_shows_commands_to_copy(tmp_path):
  result = run("--help", cwd=tmp_path)
  assert result.returncode == 0
  assert "python -m dcgan_jax.benchmark --config=configs/ex2.py" in result.stdout
  for flag in ("--seconds", "--json", "--compile-for", "--config"):
    assert flag in result.stdout
