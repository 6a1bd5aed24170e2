import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_reader import PageReader

from dcgan_jax.reporting.chart import Chart, Level, Series, colour, number, svg

RISING = Series("loss", [(1, 1.0), (2, 3.0)])


def lines_of(text):
  """The paths of a chart that have a colour of the lines: [[(x, y), ...], ...] in SVG's units."""
  paths = re.findall(r'<path d="([^"]*)"[^>]*style="[^"]*var\(--series', text)
  return [points_of(path) for path in paths]


def dashed_lines_of(text):
  paths = re.findall(r'<path d="([^"]*)"[^>]*style="[^"]*stroke-dasharray', text)
  return [points_of(path) for path in paths]


def points_of(path):
  return [(float(x), float(y)) for x, y in re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path)]


@pytest.mark.parametrize(
  ("value", "text"),
  [
    (0, "0"), (0.0001234, "0.000123"), (0.5, "0.5"), (12.345, "12.3"), (999.4, "999"),
    (999.7, "1,000"), (-999.7, "-1,000"), (1000, "1,000"), (179432.4, "179,432"),
    (2.5e9, "2.5e+09"), (1e100, "1e+100"), (float("nan"), "nan"),
  ],
)  # fmt: skip
def test_a_number_has_three_digits_or_all_of_a_thousand(value, text):
  assert number(value) == text


def test_a_line_is_drawn_through_its_points():
  (line,) = lines_of(svg(Chart("Loss", [RISING], "step"), "a"))
  (x0, y0), (x1, y1) = line
  assert x1 > x0
  assert y1 < y0  # SVG's y goes down


def test_a_level_lies_where_a_point_of_its_value_does():
  chart = Chart("FID", [RISING], "step", [Level("floor", 3.0), Level("copier", 1.0)])
  text = svg(chart, "a")
  (line,) = lines_of(text)
  levels = [{y for _, y in level} for level in dashed_lines_of(text)]
  assert levels == [{line[1][1]}, {line[0][1]}]


def test_limits_are_those_asked_for():
  # 0 to 1 asked for, values 0.25 and 0.5 in it: the line takes the second quarter of the height.
  series = Series("share", [(0, 0.25), (1, 0.5)])
  levels = [Level("top", 1.0), Level("bottom", 0.0)]
  text = svg(Chart("Right", [series], "step", levels, (0.0, 1.0)), "a")
  ((_, low), (_, high)), ((_, top), _), ((_, bottom), _) = lines_of(text) + dashed_lines_of(text)
  shares = [(bottom - y) / (bottom - top) for y in (low, high)]
  assert shares == pytest.approx([0.25, 0.5], abs=1e-3)


def test_a_line_of_one_point_is_seen():
  one = svg(Chart("Loss", [Series("loss", [(4, 0.5)])], "step"), "a")
  two = svg(Chart("Loss", [RISING], "step"), "a")
  assert ["series-1" in use for use in re.findall("<use[^>]*>", one)].count(True) == 1
  assert "series-1" not in "".join(re.findall("<use[^>]*>", two))


def test_all_of_its_colours_are_the_pages():
  series = [Series(str(i), [(0, i), (1, i)]) for i in range(9)]
  text = svg(Chart("Many", series, "step", [Level("floor", 3.0)], markers=True), "a")
  assert re.findall("#[0-9a-f]{6}", text) == []
  assert {*re.findall(r"var\(--([\w-]+)\)", text)} == {
    "ink-2", "grid", *(f"series-{colour(i)}" for i in range(9)),
  }  # fmt: skip


def test_runs_of_seven_expressions_have_seven_colours():
  assert len({colour(i) for i in range(7)}) == 7
  assert (colour(0), colour(8)) == (1, 1)


def test_the_ids_of_two_charts_differ_and_each_refers_to_its_own():
  chart = Chart("Loss", [RISING], "step", markers=True)
  for text, name in ((svg(chart, "a"), "a-"), (svg(chart, "b"), "b-")):
    page = PageReader(text)
    assert page.problems == []
    ids = set(page.values("id"))
    assert all(one.startswith(name) for one in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= ids
    assert {link[1:] for link in page.values("xlink:href")} <= ids


def test_the_same_chart_is_the_same_text():
  chart = Chart("Loss", [RISING], "step")
  assert svg(chart, "a") == svg(chart, "a")


def test_it_says_in_words_what_it_shows():
  series = [Series('"<&>"', [(100, 1.0), (1500, 0.25)]), Series("none", []), RISING]
  chart = Chart("Loss", series, "step", [Level("floor", 2.0)])
  (image,) = PageReader(svg(chart, "a")).all("svg")
  expected = 'Loss, at step 1,500: "<&>" 0.25, loss 3, floor 2'
  assert (image["role"], image["aria-label"]) == ("img", expected)


def test_of_many_points_the_ends_and_the_extremes_are_kept():
  rng = np.random.default_rng(0)
  values = rng.random(100_000)
  values[[5, 70_001, 99_990]] = 10.0, -10.0, 9.0
  series = Series("loss", list(enumerate(values.tolist())))
  levels = [Level(str(value), value) for value in (10.0, -10.0, 9.0)]
  text = svg(Chart("Loss", [series], "step", levels), "a")
  heights = [y for line in lines_of(text) for _, y in line]
  for level in dashed_lines_of(text):
    assert min(abs(level[0][1] - y) for y in heights) < 0.01
  assert len(heights) <= 602  # the lowest and the highest in each of 300 columns, and the ends
  assert len(text) < 40_000


def test_few_points_are_all_drawn():
  # A zigzag in which no point can be left out.
  series = Series("loss", [(i, float(i % 2)) for i in range(100)])
  (line,) = lines_of(svg(Chart("Loss", [series], "step"), "a"))
  assert len(line) == 100


_VALUES = st.floats(-1e100, 1e100) | st.sampled_from([0.0, 1e100, -1e100, 5e-324, 1.0])
_POINTS = st.lists(st.tuples(st.integers(0, 10**12), _VALUES), min_size=1, max_size=9, unique=True)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
  st.lists(_POINTS.map(sorted), min_size=1, max_size=2),
  st.lists(_VALUES, max_size=2),
  st.sampled_from([None, (0, None), (-0.02, 1.02), (-1e100, None)]),
)
def test_any_numbers_are_drawn(series, levels, limits):
  chart = Chart("Any", [Series("a", one) for one in series], "step",
                [Level("b", one) for one in levels], limits)  # fmt: skip
  text = svg(chart, "a")
  assert PageReader(text).problems == []
  assert re.search(r"\bnan\b|\binf\b", re.sub('aria-label="[^"]*"', "", text)) is None
