"""Every command's --help: on one screen, with examples, and there at once."""

import importlib.resources
import math
import os
import pathlib
import subprocess
import sys

import pytest
from modules_loaded import modules_loaded

PACKAGE = pathlib.Path(str(importlib.resources.files("dcgan_jax")))
# Rows that a terminal of so many columns may show.
ROWS = {80: 55, 100: 45}


def _commands():
  """The modules that run as commands, by the names they are started with."""
  for file in sorted(PACKAGE.rglob("*.py")):
    text = file.read_text(encoding="utf-8")
    if "run_command(" in text and 'if __name__ == "__main__":' in text:
      yield ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


COMMANDS = list(_commands())


def shown(command, columns):
  environment = {**os.environ, "COLUMNS": str(columns)}
  arguments = [sys.executable, "-m", command, "--help"]
  ran = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
  assert ran.returncode == 0, ran.stderr
  assert ran.stderr == ""
  return ran.stdout


def test_the_commands_are_found():
  assert {"dcgan_jax.main", "dcgan_jax.sample", "dcgan_jax.metrics.weights"} <= set(COMMANDS)


@pytest.mark.parametrize("columns", ROWS)
@pytest.mark.parametrize("command", COMMANDS)
def test_it_fits_on_one_screen(command, columns):
  lines = shown(command, columns).splitlines()
  # A terminal breaks what is longer than its width, as a command to copy may be.
  assert sum(max(1, math.ceil(len(line) / columns)) for line in lines) <= ROWS[columns]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_has_examples_to_copy(command):
  page = shown(command, 100)
  assert page.startswith(f"usage: python -m {command}")
  examples = page.partition("\nexamples:\n")[2].partition("\n\n")[0].splitlines()
  assert [line for line in examples if line.startswith(f"  python -m {command}")]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_waits_for_neither_jax_nor_tensorflow(command):
  program = f"import runpy\nrunpy.run_module({command!r}, run_name='__main__', alter_sys=True)"
  assert modules_loaded(program, "--help") == set()
