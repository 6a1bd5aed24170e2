"""The checks in the order they are told, each on its own: none brings another down."""

import importlib
from collections.abc import Iterator
from typing import NamedTuple

from dcgan_jax.checkup.finding import Finding, wrong
from dcgan_jax.errors import UserError


class Check(NamedTuple):
  """A part of the table.

  Attributes:
    title: its heading.
    module: of this package; its `findings(data_dir)` yields the lines.
    vital: whether no training can start where the check itself breaks off.
  """

  title: str
  module: str
  vital: bool = False


CHECKS = (
  Check("Python", "packages", vital=True),
  Check("Settings", "settings"),
  Check("Devices", "devices", vital=True),
  Check("Machine", "machine"),
  Check("Data sets", "data_sets", vital=True),
  Check("For evaluations", "judges"),
  Check("Extras", "extras"),
  Check("Kept for the next time, and free to be deleted", "kept"),
)


def examine(check: Check, data_dir: str | None) -> Iterator[Finding]:
  """Makes a check, and yields what it finds; what it fails of is a finding too.

  Modules are imported here: a package that is missing or broken is what the doctor is asked about.

  Args:
    check: one of CHECKS.
    data_dir: the folder of prepared sets; None as for `reports.data_dir`.
  """
  try:
    yield from importlib.import_module(f"dcgan_jax.checkup.{check.module}").findings(data_dir)
  except UserError as error:
    first, *rest = str(error).splitlines() or [""]
    yield wrong(check.title, first, " ".join(rest), check.vital)
  except (Exception, SystemExit) as error:
    told = f"could not be looked at: {type(error).__name__}"
    if reason := "".join(str(error).splitlines()[:1])[:200]:
      told += f": {reason}"
    yield wrong(check.title, told, vital=check.vital)
