"""What a check has found: one line of the doctor's table."""

import enum
from dataclasses import dataclass


class State(enum.Enum):
  """How a thing stands."""

  GOOD = "there, and as it should be"
  WRONG = "to be mended"
  ABSENT = "not there, and not needed to train"


@dataclass(frozen=True)
class Finding:
  """One line.

  Attributes:
    state: how it stands.
    what: its name, a word or two.
    detail: what there is to know of it; sizes with their units.
    fix: the command to type, or what to do; '' where nothing is to be done.
    vital: whether no training can start as long as it stands like this.
  """

  state: State
  what: str
  detail: str
  fix: str = ""
  vital: bool = False


def good(what: str, detail: str) -> Finding:
  """It is there."""
  return Finding(State.GOOD, what, detail)


def absent(what: str, detail: str, fix: str = "") -> Finding:
  """It is not there, and who does not use it does not miss it."""
  return Finding(State.ABSENT, what, detail, fix)


def wrong(what: str, detail: str, fix: str = "", vital: bool = False) -> Finding:
  """It is broken, or missing and needed."""
  return Finding(State.WRONG, what, detail, fix, vital)
