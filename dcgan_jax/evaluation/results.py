"""evaluation.jsonl: one line a score, appended as it is taken, and never taken twice."""

import contextlib
import fcntl
import json
import os
import pathlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from dcgan_jax import __version__, files
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.protocol import Score

Row = dict[str, Any]

# What every row has.
NEEDED = {"metric", "value", "error", "note", "details", "subject", "request", "part", "parts"}


class Results:
  """The scores of one file.

  A row holds the score, whose it is (`subject`: a checkpoint and which weights, or a folder's
  images) and what was asked for (`request`: the metric, number of samples, seed, reference,
  weights, resize, names of classes). Subject and request together say whether it has been done. A
  request may give several rows, in `parts`. What could not be had has the value null, and a note
  that says why.
  """

  def __init__(self, path: pathlib.Path | None):
    """Opens the file, which is made where it is missing. None keeps nothing on disk.

    Raises:
      UserError: the file cannot be read and written, or not be locked, or is a link.
    """
    self._path = path
    self.rows: list[Row] = []
    if path is not None:
      _try_lock(path)
    self._read()

  def find(self, subject: Row, request: Row) -> list[Row]:
    """The rows of one request, none where it has not been done, or not to its last row."""
    self._read()
    group: list[Row] = []
    whole: list[Row] = []
    for row in self.rows:
      if row["subject"] != subject or row["request"] != request:
        continue
      group = [*group, row] if row["part"] else [row]
      if len(group) == row["parts"]:
        whole = group
    return whole

  def append(self, subject: Row, request: Row, scores: list[Score], about: Row) -> list[Row]:
    """Adds a request's scores in one write, and returns their rows.

    Where another process has added them meanwhile, its rows are returned and none are written.

    Args:
      subject: whose.
      request: what was asked for.
      scores: its scores, at least one.
      about: what else to note in each row.

    Raises:
      UserError: the file cannot be written any more.
    """
    more = {"subject": subject, "request": request, **about, "dcgan_jax": __version__}
    rows = [
      _plain(asdict(score) | more | {"part": part, "parts": len(scores)})
      for part, score in enumerate(scores)
    ]
    if self._path is None:
      self.rows += rows
      return rows
    with _needing(self._path), self._path.open("ab+") as file:
      fcntl.flock(file, fcntl.LOCK_EX)
      if theirs := self.find(subject, request):
        return theirs
      text = "".join(json.dumps(row) + "\n" for row in rows)
      size = os.fstat(file.fileno()).st_size
      if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        text = "\n" + text  # a kill has cut the last line short
      file.write(text.encode())
      file.flush()
      os.fsync(file.fileno())
    return rows

  def _read(self) -> None:
    """Reads the whole lines there are; a kill may have cut the last one short."""
    if self._path is None:
      return
    self.rows = []
    if not self._path.exists():
      return
    with _needing(self._path):
      self.rows += [row for row in files.json_rows(self._path) if row and row.keys() >= NEEDED]


def _try_lock(path: pathlib.Path) -> None:
  """Makes sure that scores can be added: better known before they are computed than after."""
  if path.is_symlink():  # what lies elsewhere, under another name, may be anything
    raise UserError(
      f"file of scores {path}: is a link, and scores would go to what it leads to.\n"
      "Name the file itself with --out."
    )
  with _needing(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file, contextlib.suppress(BlockingIOError):  # another job writes
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def _needing(path: pathlib.Path) -> Iterator[None]:
  try:
    yield
  except OSError as error:
    raise UserError(
      f"file of scores {path}: cannot be read, locked and written: {error.strerror or error}.\n"
      "Name another with --out."
    ) from error


def _plain(row: Row) -> Row:
  """The row as it will be read back; a picture is kept elsewhere."""
  del row["picture"]
  plain: Row = json.loads(json.dumps(row))
  return plain
