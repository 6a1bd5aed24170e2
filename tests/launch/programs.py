"""Programs of a test's own in the place of those that launchers call."""

import os
import pathlib


class StandIns:
  """Programs of a test's own, first in PATH, each of which notes how it was called.

  Attributes:
    environment: for whoever is to find them.
  """

  def __init__(self, folder: pathlib.Path):
    self._folder = folder
    folder.mkdir()
    self._notes = folder / "notes"
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    self.environment = {**os.environ, "PATH": path, "NOTES": str(self._notes)}

  def add(self, name: str, script: str = "") -> None:
    """A bash script under that name."""
    program = self._folder / name
    program.write_text(f'#!/bin/bash\necho "{name} $*" >>"$NOTES"\n{script}\n')
    program.chmod(0o755)

  def called(self, start: str = "") -> list[str]:
    """The calls, oldest first, that start so."""
    text = self._notes.read_text() if self._notes.exists() else ""
    return [line.rstrip() for line in text.splitlines() if line.startswith(start)]
