import argparse

import pytest

from dcgan_jax.help_page import HelpPage

DESCRIPTION = """Turns this into that, whatever this may be: a paragraph, which has several lines
here and is filled anew. It goes through one.of.the/--flags-that-have-hyphens as they are.

  first   an entry of a list, whose text is long enough for a second line, and even for a
          third on a narrow terminal
  second  another

examples:
  python -m dcgan_jax.command --with-a=flag --and=another --that=are --longer=than-a-line
"""


@pytest.fixture
def page(monkeypatch):
  """The page of a command on a terminal of so many columns."""

  def page(columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    parser = argparse.ArgumentParser(
      "command", "command [options]", DESCRIPTION, formatter_class=HelpPage
    )
    parser.add_argument("--option", metavar="X", help="its own help, " * 8)
    return parser.format_help().splitlines()

  return page


def test_paragraphs_are_filled_to_the_terminals_width(page):
  assert page(80)[2] == (
    "Turns this into that, whatever this may be: a paragraph, which has several lines"
  )
  assert page(60)[2] == "Turns this into that, whatever this may be: a paragraph,"


def test_no_flag_is_cut_at_a_hyphen(page):
  for columns in range(60, 101):
    assert any("one.of.the/--flags-that-have-hyphens" in line for line in page(columns))


def test_the_text_of_an_entry_hangs_under_its_beginning(page):
  lines = page(60)
  first = lines.index("  first   an entry of a list, whose text is long enough for")
  assert lines[first + 1 : first + 4] == [
    "          a second line, and even for a third on a narrow",
    "          terminal",
    "  second  another",
  ]


def test_a_command_stays_on_a_line_of_its_own(page):
  lines = page(60)
  assert DESCRIPTION.splitlines()[-1] in lines
  assert lines[lines.index(DESCRIPTION.splitlines()[-1]) - 1] == "examples:"


def test_the_help_of_an_option_stands_beside_it(page):
  (line,) = [line for line in page(80) if "--option" in line]
  assert line.startswith("  --option X  its own help, its own help,")


def test_a_wide_terminal_makes_no_lines_that_are_hard_to_read(page):
  assert max(map(len, page(300))) <= 100
