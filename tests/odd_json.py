"""JSON with anything in the place of something, for readers that trust no file."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
  "</script><script>document.title = 'taken'</script>", '"><img src=x onerror="taken()">',
  "{{ 7 * 7 }}", "%s%n", "\u202egnp.exe", "\x00\x1b[2J", "\ud800", "a" * 3000,
)  # fmt: skip
_ODD = (
  10**400, -(10**400), 10**13, 2**63, -1, 0, True, False, 1e308, -1e308, 5e-324,
  float("nan"), float("inf"), float("-inf"), "", None, [], {}, [[[[[[[[[[[]]]]]]]]]]],
)  # fmt: skip
_PLAIN = st.sampled_from(_ODD + HOSTILE) | st.integers() | st.floats() | st.text(max_size=9)
ANYTHING = st.recursive(
  _PLAIN,
  lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
  ),
  max_leaves=6,
)
_GONE = object()


def edited(*documents: Any) -> st.SearchStrategy[list[Any]]:
  """Copies of these documents, of which up to five places hold something else, or nothing."""
  places = [(i, place) for i, document in enumerate(documents) for place in _places(document)]
  edits = st.lists(st.tuples(st.sampled_from(places), ANYTHING | st.just(_GONE)), max_size=5)
  return edits.map(lambda found: _edit(documents, found))


def _places(document: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
  """The keys that lead to each value of a document, itself left out."""
  items = document.items() if isinstance(document, dict) else enumerate(document)
  for key, value in items:
    yield (*above, key)
    if isinstance(value, dict | list):
      yield from _places(value, (*above, key))


def _edit(documents: tuple[Any, ...], edits: list[Any]) -> list[Any]:
  changed = copy.deepcopy(list(documents))
  for (number, (*above, last)), value in edits:
    parent = changed[number]
    try:
      for key in above:
        parent = parent[key]
      if value is _GONE:
        del parent[last]
      else:
        parent[last] = value
    except (KeyError, IndexError, TypeError):  # an edit before has taken the place away
      continue
  return changed
