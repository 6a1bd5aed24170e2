"""Hostile workdirs: a run with something else in the place of one of its files."""

import os
import pathlib
import re
import shutil

from .spoilt import fifo, spoilt


def spoilt_copy(workdir: pathlib.Path, above: pathlib.Path, file: str, how: str) -> pathlib.Path:
  """A copy of a run in `above`, spoilt: one of its files, or by "odd_checkpoints"."""
  name = re.sub(r"\W+", "-", f"{file} {how}")
  copy = shutil.copytree(workdir, above / name)
  if file == "odd_checkpoints":
    odd_checkpoints(copy)
  else:
    spoilt(copy, file, how)
  return copy


def odd_checkpoints(workdir: pathlib.Path) -> None:
  """Beside the checkpoints, what calls itself so: no step, or one that is beyond all measure."""
  for name in ("٣", "9" * 30, "-1", "1e9", "0012", "8.orbax-checkpoint-tmp-1", "a\n\x1b[2J"):
    (workdir / "checkpoints" / name).mkdir()
  (workdir / "checkpoints" / os.fsdecode(b"\xff")).mkdir()
  (workdir / "checkpoints" / "99").symlink_to("/")
  (workdir / "checkpoints" / "77").symlink_to("77")
  (workdir / "checkpoints" / "88").write_bytes(b"")
  fifo(workdir / "checkpoints" / "66")
