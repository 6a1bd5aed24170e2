import functools
import io
import re

import numpy as np
import pytest

from dcgan_jax import waiting
from dcgan_jax.waiting import bar, counted, doing


class Terminal(io.StringIO):
  def isatty(self):
    return True


@pytest.fixture
def terminal(monkeypatch):
  """A terminal, on which nothing is too quick to be shown."""
  shown = Terminal()
  # Not sys.stderr, which pytest sets anew once the fixtures are there.
  monkeypatch.setattr(waiting, "tqdm", functools.partial(waiting.tqdm, file=shown, mininterval=0))
  monkeypatch.setattr(waiting, "_SECONDS", 0.0)
  return shown


def visible(terminal):
  """What stands on the last line after all that was written."""
  line = ""
  for text in re.split(r"\r|\n|\x1b\[A", terminal.getvalue()):
    line = text + line[len(text) :]
  return line.strip()


def test_items_pass_through_one_by_one():
  asked = []

  def items():
    for i in range(3):
      asked.append(i)
      yield i

  passed = counted(items(), "reading", " files")
  assert next(passed) == 0
  assert asked == [0]
  assert list(passed) == [1, 2]


def test_a_terminal_shows_how_many_of_all_have_gone_by(terminal):
  items = counted(["a", "b", "c", "d"], "reading", " files")
  next(items)
  assert visible(terminal).startswith("reading:   0%")
  assert "0/4" in visible(terminal)
  next(items)
  items.close()
  assert visible(terminal) == ""


def test_items_may_count_more_than_one(terminal):
  blocks = [np.zeros(3), np.zeros(5)]
  for _ in counted(blocks, "reading", " images", total=8, size=len):
    pass
  assert "8/8" in terminal.getvalue()


def test_nothing_is_shown_of_what_is_quick(terminal, monkeypatch):
  monkeypatch.setattr(waiting, "_SECONDS", 60.0)
  list(counted(range(1000), "reading", " files"))
  assert visible(terminal) == ""
  assert "reading" not in terminal.getvalue()


def test_what_cannot_be_counted_is_named_and_gone_afterwards(terminal):
  with doing("compiling for v2-8"):
    assert visible(terminal) == "compiling for v2-8 …"
  assert visible(terminal) == ""


def test_it_is_gone_after_an_error_too(terminal):
  with pytest.raises(ValueError, match="no"), doing("compiling"):
    raise ValueError("no")
  assert visible(terminal) == ""


def test_a_name_cannot_give_the_terminal_orders(terminal):
  with doing("reading a\x1b[2Jb"):
    assert "a\x1b" not in terminal.getvalue()


def test_nothing_is_written_elsewhere(capsys, monkeypatch):
  monkeypatch.setattr(waiting, "_SECONDS", 0.0)
  list(counted(range(10), "reading", " files"))
  with doing("compiling"), bar("measuring", " s", 10) as shown:
    shown.update(5)
  captured = capsys.readouterr()
  assert (captured.out, captured.err) == ("", "")
