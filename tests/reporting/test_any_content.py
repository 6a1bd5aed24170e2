"""A page is sound and safe whatever stands in the files that it is made of."""

import html
import json
import os

import pytest
from hand_made import (
  DATA,
  FLOORS,
  SESSION,
  config_of,
  logged,
  scored,
  write_lines,
  write_run,
)  # fmt: skip
from hypothesis import HealthCheck, given, settings
from odd_json import HOSTILE, edited
from page_reader import PageReader, read

from dcgan_jax.reporting.run_page import write_page


@pytest.mark.parametrize(
  "name",
  ["a b", "it's", '"><script>x', "a\nb", os.fsdecode(b"a\xffb"), "ünï", "-v", "$(id)", "&amp;"],
)
def test_a_workdir_may_have_any_name(tmp_path, no_charts, name):
  workdir = write_run(tmp_path / name)
  write_page(workdir)
  text = (workdir / "report.html").read_text(encoding="utf-8")
  found = PageReader(text)
  assert found.problems == []
  assert len(found.scripts) == 2
  title = html.unescape(text.partition("<title>")[2].partition("</title>")[0])
  assert title == f"{name} – dcgan_jax".replace("\udcff", r"\udcff")


def test_text_of_its_files_is_text_in_the_page(workdir):
  config = config_of(notes=HOSTILE[0])
  config["model"]["name"] = "acgan"
  (workdir / "config.json").write_text(json.dumps(config))
  data = DATA | {"class_names": list(HOSTILE)}
  session = SESSION | {"command": HOSTILE[1]}
  about = {"total_steps": 12, "data": data, "sessions": [session]}
  (workdir / "run.json").write_text(json.dumps(about))
  rows = [scored("fid16_train", 40.0, note=text) for text in HOSTILE]
  write_lines(workdir / "evaluation.jsonl", rows)
  found = read(workdir)
  assert len(found.scripts) == 2
  # As a field that differs, among all fields, as a class of the data and above a column.
  assert found.text.count(HOSTILE[0]) == 4
  assert HOSTILE[1] in found.text
  assert [name for _, each in found.tags for name in each if name.startswith("on")] == []
  titles = [one["title"] for one in found.all("span") if "title" in one]
  assert titles[:4] == list(HOSTILE[:4])


_WHOLE = (
  config_of(),
  {"total_steps": 12, "data": DATA, "sessions": [SESSION, SESSION]},
  [logged(4), logged(8)],
  [scored("fid16_train", 80.0, step=6), scored("fid16_train", 40.0, details={"floors": FLOORS}),
   scored("kid16_train", 0.5, error=0.1), scored("memorization_pixels16_train", 0.9)],
)  # fmt: skip


def write_documents(workdir, documents):
  config, run, metrics, scores = documents
  (workdir / "config.json").write_text(json.dumps(config))
  (workdir / "run.json").write_text(json.dumps(run))
  write_lines(workdir / "metrics.jsonl", metrics)
  write_lines(workdir / "evaluation.jsonl", scores)


# The same examples each time, in one folder: a file of the example before is written over.
any_time = settings(
  derandomize=True,
  deadline=None,
  suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(any_time, max_examples=250)
@given(edited(*_WHOLE))
def test_a_page_can_be_made_whatever_stands_in_the_files(workdir, documents):
  write_documents(workdir, documents)
  found = read(workdir, training=True)
  assert len(found.scripts) == 2
  assert [name for _, each in found.tags for name in each if name.startswith("on")] == []
  assert all(src.startswith("data:image/webp;base64,") for src in found.values("src"))


@settings(any_time, max_examples=8)
@given(edited(*_WHOLE[2:]))
def test_its_charts_can_be_drawn_whatever_stands_in_the_rows(charted, rows):
  write_documents(charted, (*_WHOLE[:2], *rows))
  assert len(read(charted).scripts) == 2
