"""`prepare fer2013` and `prepare ckplus` of hostile tables."""

import pytest

from .cases import some
from .tables import HEADER, TABLES, row, sparse_table, table, table_bomb, table_of_bad_rows

_FAST = (
  "cell of 100 MB", "100 MB of blank lines", "UTF-16", "Latin-1", "NUL later", "headers twice",
  "headers missing", "1e999", "digits of another script", "control codes",
)  # fmt: skip


@pytest.mark.parametrize("name", some(TABLES, *_FAST))
def test_no_table_is_taken_at_its_word(place, name):
  assert place.prepare("fer2013", place.make(table(name))).code == 2


@pytest.mark.parametrize(
  "options", [[], pytest.param(["--on-error=skip"], marks=pytest.mark.slow)], ids=["stop", "skip"]
)
def test_a_byte_order_mark_is_no_matter_and_a_bad_row_is_skipped(place, options):
  source = place.folder / "in" / "ckextended.csv"
  source.write_bytes(b"\xef\xbb\xbf" + HEADER + row(b"-1") + row())
  assert place.prepare("ckplus", source, *options).code == (0 if options else 2)


@pytest.mark.parametrize("maker", [table_bomb, sparse_table, table_of_bad_rows])
def test_no_table_is_too_long(place, maker):
  source = place.make(maker)
  assert place.prepare("fer2013", source, named="fer").code == 2
