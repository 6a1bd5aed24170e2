"""Templates, and what every page is filled with."""

import datetime
import functools
from collections.abc import Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from dcgan_jax import __version__
from dcgan_jax.errors import printable
from dcgan_jax.reporting.chart import Chart, colour, number, svg


def render(template: str, **content: Any) -> str:
  """Fills a template of templates/ into a page that needs no other file and no network.

  Whatever is filled in is escaped, but for the charts; what cannot be seen is spelled out.

  Args:
    template: its name.
    content: of the template.

  Returns:
    HTML.
  """
  written = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
  return _templates().get_template(template).render(content, version=__version__, written=written)


def drawn(charts: Sequence[Chart], name: str) -> list[dict[str, Any]]:
  """The charts as the templates take them.

  Args:
    charts: each with at least one line.
    name: unlike that of the page's other groups of charts.
  """
  return [
    {
      "title": chart.title,
      "legend": [
        (one.label, number(one.points[-1][1]), colour(index))
        for index, one in enumerate(chart.drawn)
      ],
      "levels": [(one.label, number(one.value)) for one in chart.levels],
      "svg": svg(chart, f"{name}{place}"),
    }
    for place, chart in enumerate(charts)
  ]


@functools.cache
def _templates() -> jinja2.Environment:
  return jinja2.Environment(
    loader=jinja2.PackageLoader("dcgan_jax.reporting"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
  )


def _shown(value: Any) -> Any:
  """Text that reads as it is: a name may hold marks that turn what follows around."""
  plain = isinstance(value, str) and not isinstance(value, Markup)
  return printable(value) if plain else value
