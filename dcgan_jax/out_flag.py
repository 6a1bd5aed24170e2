"""--out, looked at before anything is computed that could then not be written."""

import os
import pathlib

from dcgan_jax.errors import UserError


def check_out_file(out: pathlib.Path, example: str) -> None:
  """Refuses a path that no file can be written to.

  Args:
    out: the flag's.
    example: a name for the file.

  Raises:
    UserError: it is a folder, or in none that can be written.
  """
  if out.is_dir():
    raise UserError(f"--out={out}: a folder; name a file in it, such as {out / example}.")
  _check_above(out)


def check_out_folder(out: pathlib.Path) -> None:
  """Refuses a path that no new folder can take: what is there would be mixed with what comes.

  Raises:
    UserError: there is something other than an empty folder, or nowhere to write one.
  """
  is_empty = out.is_dir() and not any(out.iterdir())
  if os.path.lexists(out) and not is_empty:
    raise UserError(f"--out={out}: is there already. Name an empty folder, or a new one.")
  if os.path.ismount(out):  # the finished folder could not take its place
    raise UserError(f"--out={out}: a mounted disk; name a folder in it, such as {out / 'faces'}.")
  _check_above(out)


def _check_above(out: pathlib.Path) -> None:
  above = next(folder for folder in out.absolute().parents if os.path.exists(folder))
  if not above.is_dir() or not os.access(above, os.W_OK):
    raise UserError(f"--out={out}: cannot be written: {above} is no folder that you can write to.")
