"""Which charts a run has: those of its training, and its scores as they change with the images."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dcgan_jax.reporting.chart import Chart, Level, Series
from dcgan_jax.reporting.run_files import Row, RunFiles

_LARGEST = 1e100  # beyond float32, in which runs count, and far below what axes end at


class _Panel(NamedTuple):
  title: str
  lines: dict[str, str]  # the scalar's key and what it is called
  limits: tuple[float, float | None] | None = None


_PANELS = (
  _Panel("Loss", {"discriminator_loss": "discriminator", "generator_loss": "generator"}),
  _Panel(
    "Discriminator right, share of images",
    {"accuracy_real": "on real", "accuracy_fake": "on generated"},
    (-0.02, 1.02),
  ),
  _Panel(
    "Class right, share of images",
    {"class_accuracy_real": "on real", "class_accuracy_fake": "on generated"},
    (-0.02, 1.02),
  ),
  _Panel(
    "Gradient norm",
    {"discriminator_gradient_norm": "discriminator", "generator_gradient_norm": "generator"},
  ),
  _Panel("Gradient penalty", {"penalty": "penalty"}),
  _Panel("Speed, images/s", {"images_per_second": "images/s"}, (0, None)),
)
_SCORES = {"fid": "FID", "kid": "KID"}  # by metric as asked for, what charts are made of
_FLOORS = {
  "subjects": "other people's photographs",
  "disjoint": "other photographs",
  "copier": "a copier",
}


def training_charts(runs: Sequence[RunFiles]) -> list[Chart]:
  """Charts of the logged scalars; of several runs each chart has one scalar, a line for each run.

  Args:
    runs: one or more.

  Returns:
    Those that have points.
  """
  if len(runs) == 1:
    panels = [
      Chart(
        panel.title,
        [Series(label, _points(runs[0].metrics, key)) for key, label in panel.lines.items()],
        "step",
        limits=panel.limits,
      )
      for panel in _PANELS
    ]
  else:
    panels = [
      Chart(
        panel.title if len(panel.lines) == 1 else f"{panel.title}: {label}",
        [Series(run.name, _points(run.metrics, key)) for run in runs],
        "step",
        limits=panel.limits,
      )
      for panel in _PANELS
      for key, label in panel.lines.items()
    ]
  return [chart for chart in panels if chart.drawn]


def score_charts(runs: Sequence[RunFiles]) -> list[Chart]:
  """FID and KID against the images that had been seen, a line for each protocol and run."""
  charts = []
  # Where one of the runs does not say how many images an update takes, steps are what they share.
  known = all(run.batch_size for run in runs)
  for metric, title in _SCORES.items():
    series = []
    for run in runs:
      whose = f"{run.name}, " if len(runs) > 1 else ""
      for name, points in _score_points(run, metric, known).items():
        series.append(Series(whose + name, points))
    levels = _shared_levels(runs) if metric == "fid" else []
    # KID's estimate is unbiased, and so below 0 at times.
    lowest = min([0.0, *(value for one in series for _, value in one.points)])
    where = "images seen" if known else "step"
    charts.append(Chart(title, series, where, levels, (lowest, None), markers=True))
  return [chart for chart in charts if chart.drawn]


def protocol(row: Row) -> str:
  """What only scores of the same name may be compared by: the metric's, and another seed's."""
  seed = row["request"].get("seed")
  return f"{row['metric']}, seed {seed}" if seed else str(row["metric"])


def value_of(row: Row, key: str) -> float | None:
  """A number of a row; None where there is none, or none that a run writes."""
  value = row.get(key)
  if not isinstance(value, int | float) or isinstance(value, bool):
    return None
  return float(value) if abs(value) <= _LARGEST else None  # NaN is not


def _points(rows: Sequence[Row], key: str) -> list[tuple[float, float]]:
  found = ((row["step"], value_of(row, key)) for row in rows)
  return [(step, value) for step, value in found if value is not None]


def _score_points(
  run: RunFiles, metric: str, by_images: bool
) -> dict[str, list[tuple[float, float]]]:
  """By protocol and weights, in the order of steps; of a score taken again the last one."""
  lines: dict[str, dict[int, float]] = {}
  for row in run.scores:
    value, step = value_of(row, "value"), row["subject"].get("step")
    is_asked = row["metric"].startswith(metric) and row["request"].get("metric") == metric
    if value is None or step is None or not is_asked or row["metric"].startswith("fid_infinity"):
      continue
    name = f"{protocol(row)}, {row['subject'].get('generator')}"
    lines.setdefault(name, {})[step] = value
  each = (run.batch_size or 1) if by_images else 1
  return {
    name: [(step * each, value) for step, value in sorted(line.items())]
    for name, line in lines.items()
  }


def _shared_levels(runs: Sequence[RunFiles]) -> list[Level]:
  """The floors of a run; of several, those of all that have any, or none where they differ."""
  found = {tuple(levels) for run in runs if (levels := _levels(run.scores))}
  return list(found.pop()) if len(found) == 1 else []


def _levels(scores: Sequence[Row]) -> list[Level]:
  """The floors of the newest FID that has them."""
  for row in reversed(scores):
    floors = row["details"].get("floors")
    if row["request"].get("metric") == "fid" and isinstance(floors, list) and floors:
      return [level for floor in floors if (level := _level(floor))]
  return []


def _level(floor: Any) -> Level | None:
  if not isinstance(floor, dict) or (value := value_of(floor, "fid")) is None:
    return None
  what = _FLOORS.get(str(floor.get("kind")), str(floor.get("other", "")))
  return Level(what, value)
