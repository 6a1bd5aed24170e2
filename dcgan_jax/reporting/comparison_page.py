"""One page on which several runs stand side by side."""

import os
import pathlib
from collections.abc import Sequence
from typing import Any

from dcgan_jax.config_files import flat
from dcgan_jax.files import replacing
from dcgan_jax.reporting import facts
from dcgan_jax.reporting.chart import number
from dcgan_jax.reporting.curves import protocol, score_charts, training_charts, value_of
from dcgan_jax.reporting.render import drawn, render
from dcgan_jax.reporting.run_files import RunFiles, read_run
from dcgan_jax.reporting.run_page import STATES, newest_picture
from dcgan_jax.reporting.standing import standing

# Where the sets lie on a machine is no difference between runs.
_NO_DIFFERENCE = {"data.data_dir"}


def write_comparison(workdirs: Sequence[pathlib.Path], out: pathlib.Path) -> None:
  """Writes a page that compares runs, whatever state their workdirs are in.

  Args:
    workdirs: two or more folders of runs.
    out: the file.

  Raises:
    OSError: it cannot be written.
  """
  names = _names(workdirs)
  runs = [read_run(path, name) for path, name in zip(workdirs, names, strict=True)]
  text = render(
    "comparison.html.j2",
    title=", ".join(run.name for run in runs),
    runs=[_overview(run) for run in runs],
    missing=[f"{run.name}: {line}" for run in runs for line in run.missing],
    differences=_differences(runs),
    names=[run.name for run in runs],
    faces=[(run.name, one) for run in runs if (one := newest_picture(run))],
    training_charts=drawn(training_charts(runs), "training"),
    score_charts=drawn(score_charts(runs), "score"),
    scores=_scores(runs),
  )
  with replacing(out) as temporary:
    temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def _names(workdirs: Sequence[pathlib.Path]) -> list[str]:
  """What tells the folders apart: their names where these differ, else the paths from above."""
  absolute = [os.path.abspath(path) for path in workdirs]
  names = [os.path.basename(path) for path in absolute]
  if len(set(names)) == len(names):
    return names
  above = os.path.commonpath(absolute)
  return [os.path.relpath(path, above) for path in absolute]


def _overview(run: RunFiles) -> list[str]:
  """The cells of a run's row: see the template."""
  stands, data = standing(run), dict(facts.data_facts(run))
  total = f" of {stands.total:,}" if stands.total else ""
  return [
    run.name,
    STATES[stands.kind],
    f"{stands.step:,}{total}",
    "–" if stands.images is None else f"{stands.images:,}",
    "–" if stands.speed is None else number(stands.speed),
    data.get("set", "–"),
  ]


def _differences(runs: Sequence[RunFiles]) -> list[tuple[str, list[str]]]:
  """The fields in which their configs differ, each with its value in every run."""
  fields = [flat(run.config) for run in runs]
  names = sorted(set().union(*fields) - _NO_DIFFERENCE)
  rows = [(name, [facts.text(each.get(name)) for each in fields]) for name in names]
  return [(name, values) for name, values in rows if len(set(values)) > 1]


def _scores(runs: Sequence[RunFiles]) -> list[tuple[str, list[str]]]:
  """Each protocol with the newest score that every run has by it, and the score's step."""
  table: dict[str, list[str]] = {}
  for column, run in enumerate(runs):
    newest: dict[str, tuple[int, float]] = {}
    for row in run.scores:
      step, value = row["subject"].get("step"), value_of(row, "value")
      name = f"{protocol(row)}, {row['subject'].get('generator')}"
      if step is not None and value is not None and step >= newest.get(name, (0, 0.0))[0]:
        newest[name] = step, value
    for name, (step, value) in newest.items():
      cells: list[Any] = table.setdefault(name, ["–"] * len(runs))
      cells[column] = f"{number(value)} (step {step:,})"
  return list(table.items())
