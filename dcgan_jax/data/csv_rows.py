"""Rows of a face CSV (`emotion,pixels,Usage`) → checked faces, one row at a time."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.labels import USAGE_SPLITS
from dcgan_jax.data.records import FACE_SHAPE, Face
from dcgan_jax.errors import UserError

COLUMNS = ("emotion", "pixels", "Usage")
SIZE = FACE_SHAPE[0]
PIXELS = SIZE * SIZE
_LONGEST_LINE = 1_000_000  # characters; a face has some 9,000
_MOST_BLANK_LINES = 100_000  # in a row; a few megabytes of zip can hold any number
# Looking 2,304 values up is three times faster than checking and converting them.
_VALUES = {str(value): value for value in range(256)}


@dataclass(frozen=True, slots=True)
class Row:
  """One data row, counted from 1 below the header; blank lines don't count."""

  number: int
  fields: list[str]
  is_last: bool


def header_of(stream: IO[bytes]) -> list[str]:
  """The column names, stripped; none for an empty file or no CSV. Takes only the first row."""
  try:
    return next(_rows(stream), [])
  except csv.Error:
    return []


def read_rows(stream: IO[bytes], file: str) -> tuple[dict[str, int], Iterator[Row]]:
  """Reads a CSV whose columns may stand in any order, among others, in any case.

  Args:
    stream: the file's bytes; UTF-8 with or without a byte-order mark, any line ends.
    file: its name, for messages.

  Returns:
    The position of each of COLUMNS, and the rows, lazily.

  Raises:
    UserError: an empty file, a column that is missing or occurs twice, no rows, or (while
      iterating) no CSV any more.
  """
  rows = _rows(stream)
  try:
    header = next(rows, None)
    if header is None:
      raise UserError(f"{file}: the file is empty.\nExpected a CSV with {','.join(COLUMNS)}.")
    columns = _columns(header, file)
  except csv.Error as error:
    raise UserError(f"{file}: not a CSV that can be read: {error}.") from error
  try:
    first = next(rows, None)
  except csv.Error as error:
    raise _no_row(file, 1, error) from error
  if first is None:
    raise UserError(
      f"{file}: no data rows below the header.\nThe file may be cut short: fetch or copy it again."
    )
  return columns, _numbered(first, rows, file)


def face_of(row: Row, columns: dict[str, int], num_classes: int) -> Face:
  """The face in a row.

  Raises:
    ItemError: a wrong number of fields, a label outside 0 … num_classes − 1, an unknown Usage, or
      pixels that aren't 2,304 whole numbers from 0 to 255.
  """
  if len(row.fields) <= max(columns.values()):
    raise ItemError(f"{len(row.fields)} fields, expected {max(columns.values()) + 1} or more")
  emotion, pixels, usage = (row.fields[columns[name]] for name in COLUMNS)
  return Face(
    source=f"row {row.number}",
    image=parse_pixels(pixels),
    label=_label(emotion.strip(), num_classes),
    split=_split(usage.strip()),
  )


def parse_pixels(text: str) -> np.ndarray:
  """Space-separated gray values, row by row from the top left, as uint8 [48, 48, 1].

  Raises:
    ItemError: names the first value that is no whole number from 0 to 255, or the wrong count.
  """
  values = text.split()
  try:
    pixels = bytes(map(_VALUES.__getitem__, values))
  except KeyError:
    pixels = bytes(_value(value, place) for place, value in enumerate(values, start=1))
  if len(pixels) != PIXELS:
    raise ItemError(f"{len(pixels):,} pixels, expected {PIXELS:,} ({SIZE}×{SIZE})")
  return np.frombuffer(pixels, np.uint8).reshape(SIZE, SIZE, 1)


def _value(value: str, place: int) -> int:
  # int() alone would take '+5', '1_0' and the digits of every script.
  if not (value.isascii() and value.isdigit()):
    raise ItemError(f"pixel {place:,} is {value[:20]!r}, not a whole number from 0 to 255")
  if len(value) > 9 or int(value) > 255:
    raise ItemError(f"pixel {place:,} is {value[:20]}, outside 0 to 255")
  return int(value)


def _label(text: str, num_classes: int) -> int:
  if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) < num_classes):
    raise ItemError(f"label {text[:20]!r}, expected a whole number from 0 to {num_classes - 1}")
  return int(text)


def _split(usage: str) -> str:
  if usage not in USAGE_SPLITS:
    raise ItemError(f"Usage {usage[:20]!r}, expected one of {', '.join(USAGE_SPLITS)}")
  return USAGE_SPLITS[usage]


def _rows(stream: IO[bytes]) -> Iterator[list[str]]:
  # A byte that is no UTF-8 becomes '�' and is then complained of as a pixel, with its row.
  text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
  blank = 0
  for fields in csv.reader(_lines(text), skipinitialspace=True):
    if any(field.strip() for field in fields):
      yield [field.strip() for field in fields]
      blank = 0
    elif (blank := blank + 1) > _MOST_BLANK_LINES:
      raise csv.Error(f"more than {_MOST_BLANK_LINES:,} blank lines in a row")


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
  """The lines; one that does not end is refused before it fills the memory."""
  while line := text.readline(_LONGEST_LINE):
    if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
      raise csv.Error(f"a line of more than {_LONGEST_LINE:,} characters")
    yield line


def _numbered(first: list[str], rest: Iterator[list[str]], file: str) -> Iterator[Row]:
  number, current = 1, first
  while True:
    try:
      following = next(rest, None)
    except csv.Error as error:
      raise _no_row(file, number + 1, error) from error
    yield Row(number, current, is_last=following is None)
    if following is None:
      return
    number, current = number + 1, following


def _no_row(file: str, number: int, error: csv.Error) -> UserError:
  return UserError(
    f"{file}, row {number}: not a CSV row: {error}.\nA quote that is never closed does this."
  )


def _columns(header: list[str], file: str) -> dict[str, int]:
  lower = [name.lower() for name in header]
  found = {name: place for place, name in enumerate(lower)}
  for name in COLUMNS:
    if lower.count(name.lower()) > 1:
      raise UserError(f"{file}: the column {name!r} occurs twice: it is not clear which counts.")
  missing = [name for name in COLUMNS if name.lower() not in found]
  if missing:
    shown = ", ".join(name[:20] for name in header[:6])
    absent = " or ".join(repr(name) for name in missing)
    raise UserError(
      f"{file}: no column {absent}; the header reads {shown}.\n"
      f"Expected a CSV with the columns {','.join(COLUMNS)}, in any order."
    )
  return {name: found[name.lower()] for name in COLUMNS}
