"""evaluation.jsonl: one line a score, appended as it is taken, and never taken twice."""

import fcntl
import json
import os
import pathlib
from dataclasses import asdict
from typing import Any

from dcgan_jax import __version__
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.protocol import Score

Row = dict[str, Any]

_NEEDED = {"metric", "value", "error", "note", "details", "subject", "request", "part", "parts"}


class Results:
  """The scores of one file.

  A row holds the score, whose it is (`subject`: a step and which weights, or a folder's images) and
  what was asked for (`request`: the metric, number of samples, seed, reference, weights, resize).
  Subject and request together say whether it has been done.
  """

  def __init__(self, path: pathlib.Path | None):
    """Reads the whole lines there are; a kill may have cut the last one short. None keeps nothing.

    Raises:
      UserError: the file cannot be read and written.
    """
    self.path = path
    self.rows: list[Row] = []
    if path is None:
      return
    for line in _lines(path):
      try:
        row = json.loads(line)
      except ValueError:
        continue
      if isinstance(row, dict) and row.keys() >= _NEEDED:
        self.rows.append(row)

  def find(self, subject: Row, request: Row) -> list[Row]:
    """The rows of one request, none where it has not been done, or not to its last row."""
    rows = [row for row in self.rows if row["subject"] == subject and row["request"] == request]
    group: list[Row] = []
    whole: list[Row] = []
    for row in rows:
      group = [*group, row] if row["part"] else [row]
      if len(group) == row["parts"]:
        whole = group
    return whole

  def append(self, subject: Row, request: Row, scores: list[Score]) -> list[Row]:
    """Adds a request's scores in one write, and returns their rows.

    Scores without a value are left out: a file of scores holds no stand-ins.
    """
    about = {"subject": subject, "request": request, "dcgan_jax": __version__}
    valued = [score for score in scores if score.value is not None]
    rows = [
      _plain(asdict(score) | about | {"part": part, "parts": len(valued)})
      for part, score in enumerate(valued)
    ]
    self.rows += rows
    if self.path is not None and rows:
      self._write("".join(json.dumps(row) + "\n" for row in rows))
    return rows

  def _write(self, text: str) -> None:
    assert self.path is not None
    with self.path.open("ab+") as file:
      fcntl.flock(file, fcntl.LOCK_EX)  # half of another process's line would look cut short
      size = os.fstat(file.fileno()).st_size
      if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        text = "\n" + text
      file.write(text.encode())
      file.flush()
      os.fsync(file.fileno())


def _lines(path: pathlib.Path) -> list[bytes]:
  """The file's lines, made sure that more can be added: better known before than after."""
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
      file.seek(0)
      return file.read().split(b"\n")
  except OSError as error:
    raise UserError(
      f"file of scores {path}: cannot be read and written: {error.strerror}.\n"
      "Name another with --out."
    ) from error


def _plain(row: Row) -> Row:
  """The row as it will be read back; a picture is kept elsewhere."""
  del row["picture"]
  plain: Row = json.loads(json.dumps(row))
  return plain
