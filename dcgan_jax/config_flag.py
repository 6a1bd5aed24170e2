"""--config=FILE and --config.FIELD=VALUE, as the commands that take a config read them."""

import pathlib
import sys
from collections.abc import Callable

from absl import flags
from ml_collections import ConfigDict, config_flags

from dcgan_jax.config_files import make_configs_importable
from dcgan_jax.errors import EXIT_OK, fail
from dcgan_jax.help_page import add_help, command_parser

flags.disclaim_key_flags()  # the flag is its command's: --help lists it there

_LONGEST_REASON = 2000  # characters
_METAVARS = {"config object": "FILE", "int": "N"}  # else the flag's name
_FIRST_LOOK = "--config=configs/quickstart.py"


def define_config() -> None:
  """Defines --config; to be called where a command defines its other flags."""
  config_flags.DEFINE_config_file(
    "config", None, "an experiment of configs/; --config.FIELD=VALUE sets any field of it"
  )


def make_parser(command: str, doc: str) -> Callable[[list[str]], list[str]]:
  """A flags parser for `absl.app.run`, which ends the process with a message at a mistake.

  Args:
    command: the module's name, for messages.
    doc: what --help shows: above the flags what the command does, below them all from its
      "examples:" on.
  """

  def parse(argv: list[str]) -> list[str]:
    if {"--help", "-h"} & set(argv):
      print(_help(command, doc), end="")  # absl would exit with 1
      sys.exit(EXIT_OK)
    path = _config_path(argv)
    if path is not None:
      if not pathlib.Path(path).is_file():
        fail(command, f"--config={path}: no such file.\nFor a first look:  {_FIRST_LOOK}")
      make_configs_importable(path)
    try:
      rest: list[str] = flags.FLAGS(argv)
      getattr(flags.FLAGS.config, "keys", None)  # raises what opening files in the config raised
    except (Exception, SystemExit) as error:  # a config is code: what it raises is its author's
      fail(command, _explain(error, path))
    if flags.FLAGS.config is None:
      fail(command, f"--config is missing.\nFor a first look:  {_FIRST_LOOK}")
    if not isinstance(flags.FLAGS.config, ConfigDict):
      kind = type(flags.FLAGS.config).__name__
      fail(command, f"--config={path}: get_config() returns a {kind}, expected a ConfigDict.")
    if len(rest) > 1:
      fail(command, f"unexpected argument {rest[1]!r}; fields are set as --config.FIELD=VALUE.")
    return rest

  return parse


def _help(command: str, doc: str) -> str:
  """The page of a command with absl's flags, in the form that argparse gives others."""
  above, examples, below = doc.partition("examples:\n")
  page = command_parser(
    command, "--config=FILE [--config.FIELD=VALUE ...] [options]", above, f"{examples}{below}"
  )
  for flag in flags.FLAGS.get_key_flags_for_module(sys.argv[0]):
    about = str(flag.help).replace("%", "%%")  # argparse would take it for a field
    if flag.boolean:
      page.add_argument(f"--{flag.name}", action="store_true", help=about)
    else:
      page.add_argument(f"--{flag.name}", metavar=_METAVARS.get(flag.flag_type()), help=about)
  add_help(page)
  return page.format_help()


def _config_path(argv: list[str]) -> str | None:
  for flag, following in zip(argv, [*argv[1:], ""], strict=True):
    name, _, value = flag.lstrip("-").partition("=")
    if flag.startswith("-") and name == "config":
      return value or following
  return None


def _explain(error: BaseException, path: str | None) -> str:
  if isinstance(error, flags.Error) and "Error whilst parsing config file" not in str(error):
    return str(error)
  text = str(error).strip("'\"")
  if isinstance(error, flags.Error):  # of what the config raised: with a traceback in it
    text = text.rstrip().splitlines()[-1]
  text = text[:_LONGEST_REASON] or type(error).__name__
  if isinstance(error, SystemExit):
    text = f"it ends the process as it is read: {text}"
  return f"--config={path}: {text}\nconfigs/default.py lists the fields."
