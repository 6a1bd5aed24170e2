"""Trains a GAN from a config file.

  python -m dcgan_jax.main --config=configs/ex2.py
  python -m dcgan_jax.main --config=configs/ex2.py --config.batch_size=64 --workdir=runs/big
  python -m dcgan_jax.main --config=configs/radford_fer2013.py --config.data.expression=happy

The same command again resumes from the newest checkpoint in the workdir, to the same bits as
an uninterrupted run on the same machine.

Exit codes: 0 finished, 2 a mistake in the command, config or data, 3 diverged, 75 interrupted by
SIGTERM or Ctrl-C after saving.
"""

import pathlib
import sys
from typing import NoReturn

from absl import app, flags
from ml_collections import config_flags

from dcgan_jax.config import make_configs_importable
from dcgan_jax.errors import EXIT_OK, fail, run_command
from dcgan_jax.startup import prepare_process

_CONFIG = config_flags.DEFINE_config_file(
  "config", None, "An experiment of configs/; --config.FIELD=VALUE sets any field of it."
)
_WORKDIR = flags.DEFINE_string(
  "workdir", None, "Folder of the run. Default: runs/ and the config's name, and the expression's."
)

_FIRST_LOOK = "--config=configs/quickstart.py"


def parse_flags(argv: list[str]) -> list[str]:
  """Parses the command line, ending the process with a message where it has a mistake."""
  if {"--help", "-h"} & set(argv):
    print(f"{__doc__}\n{flags.FLAGS.main_module_help()}")  # absl would exit with 1
    sys.exit(EXIT_OK)
  path = _config_path(argv)
  if path is not None:
    if not pathlib.Path(path).is_file():
      fail("main", f"--config={path}: no such file.\nFor a first look:  {_FIRST_LOOK}")
    make_configs_importable(path)
  try:
    rest: list[str] = flags.FLAGS(argv)
  except Exception as error:  # a config file is code: whatever it raises is its author's to mend
    fail("main", _explain(error, path))
  if flags.FLAGS.config is None:
    fail("main", f"--config is missing.\nFor a first look:  {_FIRST_LOOK}")
  if len(rest) > 1:
    fail("main", f"unexpected argument {rest[1]!r}; fields are set as --config.FIELD=VALUE.")
  return rest


def _config_path(argv: list[str]) -> str | None:
  for flag, following in zip(argv, [*argv[1:], ""], strict=True):
    name, _, value = flag.lstrip("-").partition("=")
    if flag.startswith("-") and name == "config":
      return value or following
  return None


def _explain(error: Exception, path: str | None) -> str:
  if isinstance(error, flags.Error):
    return str(error)
  text = str(error).strip("'\"")
  return f"--config={path}: {text}\nconfigs/default.py lists the fields."


def main(argv: list[str]) -> NoReturn:
  """Trains, and exits with the code documented above."""
  del argv
  config = flags.FLAGS.config
  if "data" in config and config.data.get("expression") == "":
    config.data.expression = None  # what --config.data.expression= means: all classes as one
  expression = config.get("data", {}).get("expression")
  config_file = config_flags.get_config_filename(flags.FLAGS["config"])
  workdir = pathlib.Path(_WORKDIR.value or default_workdir(config_file, expression))
  prepare_process()
  from dcgan_jax import train, train_each  # jax and TensorFlow load only once the flags are sound

  start = train_each.train_each if expression == train_each.EACH else train.train
  run_command("main", lambda: start(config, workdir))


def default_workdir(config_file: str, expression: str | None) -> pathlib.Path:
  """runs/ and the config's name; a model of one class lies where a run of each class has it."""
  run = pathlib.Path("runs") / pathlib.Path(config_file).stem
  return run / expression if expression and expression != "each" else run


if __name__ == "__main__":
  sys.exit(app.run(main, flags_parser=parse_flags))
