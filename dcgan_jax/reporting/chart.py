"""Charts as SVG that takes its colours from the page around it, light or dark."""

import io
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

_SIZE = (3.6, 2.2)  # inches, of 72 units each: text of 9 units is read in a column of 270 pixels
_SERIES = 8  # colours that the style sheet has
_COLUMNS = 300  # in which a chart shows what is lowest and highest
# What matplotlib writes as colours, and is replaced by those of the page.
_INK, _GRID, _LINES = "#010203", "#040506", "#0a0b"


class Series(NamedTuple):
  """One line of a chart."""

  label: str
  points: Sequence[tuple[float, float]]  # (x, y), in the order of x


class Level(NamedTuple):
  """A horizontal line that a chart's values are to be seen against."""

  label: str
  value: float


class Chart(NamedTuple):
  """What a chart shows, drawn by `svg`.

  Attributes:
    title: above it.
    series: its lines; those without points are left out.
    x_label: below it.
    levels: horizontal lines.
    limits: of y, the upper one perhaps None; None for those of the values.
    markers: marks each point, where there are few.
  """

  title: str
  series: Sequence[Series]
  x_label: str
  levels: Sequence[Level] = ()
  limits: tuple[float, float | None] | None = None
  markers: bool = False

  @property
  def drawn(self) -> list[Series]:
    """The lines that have points."""
    return [one for one in self.series if one.points]

  @property
  def description(self) -> str:
    """The chart in words, for who cannot see it."""
    last = [f"{one.label} {number(one.points[-1][1])}" for one in self.drawn]
    last += [f"{level.label} {number(level.value)}" for level in self.levels]
    where = number(max(one.points[-1][0] for one in self.drawn))
    return f"{self.title}, at {self.x_label} {where}: {', '.join(last)}"


def svg(chart: Chart, name: str) -> str:
  """Draws a chart with at least one line.

  Args:
    chart: what to draw.
    name: unlike that of any other chart of the page; ids begin with it.

  Returns:
    An svg element. Line i has the colour var(--series-i) of the page, from 1.
  """
  import matplotlib  # most of a second, which a training need not wait for
  from matplotlib.figure import Figure
  from matplotlib.ticker import EngFormatter

  with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9}):
    figure = Figure(figsize=_SIZE, layout="constrained")  # not pyplot's: for the main thread
    axis = figure.subplots()
    for index, one in enumerate(chart.drawn):
      x, y = zip(*_thinned(one.points), strict=True)
      marker = "o" if chart.markers or len(x) == 1 else None
      axis.plot(
        x, y, color=f"{_LINES}{colour(index):02x}", linewidth=1.4, marker=marker, markersize=4,
        solid_joinstyle="round",
      )  # fmt: skip
    for level in chart.levels:
      axis.axhline(level.value, color=_INK, linewidth=0.9, linestyle=(0, (4, 3)))
    if chart.limits:
      axis.set_ylim(*chart.limits)
    axis.xaxis.set_major_formatter(EngFormatter(sep=""))
    axis.set_xlabel(chart.x_label, color=_INK)
    axis.tick_params(colors=_INK, length=0)
    axis.grid(color=_GRID, linewidth=0.8)
    for side in ("top", "right", "left"):
      axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(_GRID)
    file = io.StringIO()
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=metadata)
  return _into_page(file.getvalue(), chart, name)


def number(value: float) -> str:
  """A number for people: three digits, or all of a thousand and more."""
  return f"{value:,.0f}" if 999.5 <= abs(value) < 1e9 else f"{value:.3g}"


def colour(index: int) -> int:
  """Which of the style sheet's colours a chart's line has, from 1."""
  return index % _SERIES + 1


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
  """As many of the points as can be told apart, the ends and all extremes among them."""
  if len(points) <= 2 * _COLUMNS:
    return points
  first, last = points[0][0], points[-1][0]
  kept = [points[0]]
  for _, column in itertools.groupby(points, lambda p: (p[0] - first) * _COLUMNS // (last - first)):
    inside = list(column)
    kept += sorted({min(inside, key=_height), max(inside, key=_height)})
  return [*kept, points[-1]]


def _height(point: tuple[float, float]) -> float:
  return point[1]


def _into_page(text: str, chart: Chart, name: str) -> str:
  """Cuts the XML header off, names the chart for screen readers and takes the page's colours."""
  head, rest = re.split("(?<=>)", text[text.index("<svg") :], maxsplit=1)
  head = re.sub(r' (width|height)="[^"]*"', "", head)
  label = chart.description.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
  head = head.replace("<svg", f'<svg role="img" aria-label="{label}"')
  rest = re.sub(r'(?<=\bid=")|(?<=url\(#)|(?<=href="#)', f"{name}-", rest)
  rest = rest.replace(_INK, "var(--ink-2)").replace(_GRID, "var(--grid)")
  return head + re.sub(rf"{_LINES}0(\d)", r"var(--series-\1)", rest)
