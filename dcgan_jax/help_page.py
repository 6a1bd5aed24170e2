"""How --help lays a command out: as wide as the terminal, so that it fits on one screen."""

import argparse
import re
import shutil
import textwrap
from itertools import groupby

_WIDEST = 100  # columns; longer lines are hard to read
_OPTIONS = 22  # columns that options and their values may take before their help begins
_ENTRY = re.compile(r"(\s+\S+\s{2,})(?=\S)")


class HelpPage(argparse.HelpFormatter):
  """Fills paragraphs and lists of descriptions and epilogs, and leaves commands as they are.

  A line that is not indented belongs to a paragraph. An indented one stands for itself, as a
  command to copy does, unless it is an entry of a list: a word, two spaces or more, a text, which
  may go on in lines that are indented further.
  """

  def __init__(self, prog: str):
    """Takes the width of the terminal, or of $COLUMNS."""
    columns = min(shutil.get_terminal_size().columns, _WIDEST)
    super().__init__(prog, max_help_position=_OPTIONS, width=columns)

  def _split_lines(self, text: str, width: int) -> list[str]:
    """What argparse calls for the help of an option."""
    return _wrapped(" ".join(text.split()), width)

  def _fill_text(self, text: str, width: int, indent: str) -> str:
    """What argparse calls for a description or an epilog."""
    lines = []
    for is_indented, group in groupby(text.splitlines(), lambda line: line[:1] in ("", " ")):
      block = list(group)
      lines += _filled_list(block, width) if is_indented else _wrapped(" ".join(block), width)
    return "\n".join(f"{indent}{line}" for line in lines)


def command_parser(
  command: str, usage: str, about: str | None, below: str
) -> argparse.ArgumentParser:
  """A command's parser, whose --help is such a page; `add_help` gives it the flag, last of all.

  Args:
    command: the module's name.
    usage: its flags in short.
    about: what it does, above the flags.
    below: examples and more, below them.
  """
  return argparse.ArgumentParser(
    prog=f"python -m dcgan_jax.{command}",
    usage=f"%(prog)s {usage}",
    description=about,
    epilog=below,
    formatter_class=HelpPage,
    add_help=False,
  )


def add_help(flags: argparse._ActionsContainer) -> None:
  """Adds -h and --help to a parser, or to the group that they are to stand in."""
  flags.add_argument("-h", "--help", action="help", help="show this page and exit")


def _filled_list(block: list[str], width: int) -> list[str]:
  """Indented and empty lines, the entries among them filled."""
  lines: list[str] = []
  for line in block:
    entry = _ENTRY.match(lines[-1]) if lines else None
    if entry and line.startswith(" " * entry.end()):
      lines[-1] += f" {line.strip()}"
    else:
      lines.append(line)
  return [part for line in lines for part in _filled_entry(line, width)]


def _filled_entry(line: str, width: int) -> list[str]:
  entry = _ENTRY.match(line)
  return [line] if entry is None else _wrapped(line, width, " " * entry.end())


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
  """Lines of at most `width`, those after the first indented; flags are not cut at hyphens."""
  return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
