"""Sound files with some bytes changed: what a parser meets once the first check has let it in."""

from hypothesis import strategies as st

_EDIT = st.tuples(
  st.sampled_from(("replace", "insert", "delete", "cut", "repeat")),
  st.floats(0, 1),
  st.binary(min_size=1, max_size=16),
)


def mutations(sound: list[bytes]) -> st.SearchStrategy[bytes]:
  """Any bytes, or one of these files after up to six edits.

  Args:
    sound: whole files.
  """
  edited = st.builds(_edited, st.sampled_from(sound), st.lists(_EDIT, max_size=6))
  return edited | st.binary(max_size=2000)


def _edited(content: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
  for kind, place, new in edits:
    at = int(place * len(content))
    before, after = content[:at], content[at:]
    content = {
      "replace": before + new + after[len(new) :],
      "insert": before + new + after,
      "delete": before + after[len(new) :],
      "cut": before,
      "repeat": before + after[:512] + after,
    }[kind]
  return content
