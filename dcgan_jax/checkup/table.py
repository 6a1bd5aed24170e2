"""Findings as lines of text, as wide as the terminal, in the characters that it has."""

import shutil
import textwrap
from collections.abc import Iterable

from dcgan_jax.checkup.finding import Finding, State
from dcgan_jax.errors import printable

_SIGNS = {State.GOOD: "✓", State.WRONG: "✗", State.ABSENT: "–"}
_PLAIN = str.maketrans({"✓": "+", "✗": "!", "–": "-", "→": ">", "×": "x", "…": "..."})
_NAMES = 16  # columns
_WIDEST = 120  # columns


def lines(finding: Finding) -> list[str]:
  """A finding's lines: sign, name and detail, and the command below the detail."""
  columns = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
  head = f"  {_SIGNS[finding.state]} {printable(finding.what):<{_NAMES}} "
  room = max(columns - len(head), 20)
  text = textwrap.wrap(
    printable(finding.detail), room, break_long_words=False, break_on_hyphens=False
  )
  # On one line, however long: it is there to be copied.
  fix = [f"→ {printable(finding.fix)}"] if finding.fix else []
  first, *rest = [*(text or [""]), *fix]
  return [head + first, *(" " * len(head) + line for line in rest)]


def in_encoding(texts: Iterable[str], encoding: str | None) -> list[str]:
  """Lines as they are, or with plain signs where a stream's encoding lacks ours or is unknown."""
  try:
    "".join(_SIGNS.values()).encode(encoding or "ascii")
  except (UnicodeEncodeError, LookupError):
    return [text.translate(_PLAIN) for text in texts]
  return list(texts)
