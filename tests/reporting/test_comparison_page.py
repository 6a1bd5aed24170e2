import json
import os
import pathlib
import re

import pytest
from hand_made import config_of, logged, scored, write_lines, write_run
from hypothesis import HealthCheck, given, settings
from odd_json import HOSTILE, edited
from page_reader import PageReader

from dcgan_jax.reporting import render
from dcgan_jax.reporting.comparison_page import write_comparison


@pytest.fixture
def runs(tmp_path):
  return [write_run(tmp_path / "a"), write_run(tmp_path / "b")]


@pytest.fixture
def no_charts(monkeypatch):
  """Charts take nearly all of a page's time."""
  monkeypatch.setattr(render, "svg", lambda chart, name: "<svg></svg>")


def compared(workdirs, tmp_path):
  write_comparison(workdirs, tmp_path / "comparison.html")
  found = PageReader((tmp_path / "comparison.html").read_text(encoding="utf-8"))
  assert found.problems == []
  return found


def test_runs_stand_side_by_side(runs, tmp_path):
  config = config_of(batch_size=16)
  config["data"]["data_dir"], config["data"]["expression"] = "elsewhere", "happy"
  (runs[1] / "config.json").write_text(json.dumps(config))
  (runs[1] / "finished.json").write_text('{"step": 12}')
  write_lines(runs[1] / "metrics.jsonl", [logged(4), logged(8), logged(12)])
  write_lines(
    runs[1] / "evaluation.jsonl",
    [scored("fid16_train", 30.0, 12), scored("fid16_train", 99.0, 3), scored("swd16", 5.0, 1200)],
  )
  found = compared(runs, tmp_path)
  for part in (
    "Run State Updates Images seen Images/s Data "
    "a not finished 9 of 12 72 200 synthetic/train "
    "b finished 12 of 12 192 200 synthetic/train, happy",
    # The folder of the sets is no difference.
    "Field a b batch_size 8 16 data.expression none happy",
    "Their newest samples a b",
    "Loss: discriminator a 0.25 b 0.5",
    "FID a, fid16_train, raw 40 b, fid16_train, raw 30",
    "fid16_train, raw 40 (step 9) 30 (step 12) kid16_train, raw 0.0125 (step 9) –",
    "swd16, raw – 5 (step 1,200)",
  ):
    assert part in found.text
  assert "Missing" not in found.text


def test_each_run_has_the_same_colour_in_each_legend(runs, tmp_path):
  write_comparison(runs, tmp_path / "c.html")
  line = r'<li><i style="background:var\(--series-(\d)\)"></i>(\w)'
  assert set(re.findall(line, (tmp_path / "c.html").read_text())) == {("1", "a"), ("2", "b")}


def test_runs_without_a_difference_or_a_score_say_so(runs, tmp_path, no_charts):
  for run in runs:
    (run / "evaluation.jsonl").unlink()
  found = compared(runs, tmp_path)
  assert "Where they differ In no field of the config." in found.text
  assert "Scores None yet: python -m dcgan_jax.evaluate" in found.text


def test_what_is_missing_is_told_of_each_run(runs, tmp_path, no_charts):
  (runs[0] / "config.json").unlink()
  (tmp_path / "empty").mkdir()
  found = compared([*runs, tmp_path / "empty"], tmp_path)
  assert "a: config.json is missing" in found.text
  assert "empty: metrics.jsonl is missing" in found.text
  assert "b: " not in found.text.partition("Where they differ")[0]
  assert "empty not finished 0 – – –" in found.text


@pytest.mark.parametrize(
  ("folders", "names"),
  [
    (["runs/a", "runs/b"], ["a", "b"]),
    (["x/a", "y/a"], ["x/a", "y/a"]),
    (["x/a", "x/y/../../y/a"], ["x/a", "y/a"]),
    (["a", "a/a"], [".", "a"]),
  ],
)
def test_the_names_tell_the_folders_apart(tmp_path, no_charts, folders, names):
  for folder in ("runs/a", "runs/b", "x/a", "x/y", "y/a", "a/b", "a/a"):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
  write_comparison([tmp_path / folder for folder in folders], tmp_path / "c.html")
  text = (tmp_path / "c.html").read_text()
  assert f"<title>{', '.join(names)} – dcgan_jax</title>" in text


def test_a_run_that_is_where_one_stands_has_a_name(tmp_path, no_charts, monkeypatch):
  (tmp_path / "a").mkdir()
  monkeypatch.chdir(tmp_path / "a")
  write_comparison([pathlib.Path("."), pathlib.Path("..")], tmp_path / "c.html")
  assert f"<title>a, {tmp_path.name} – dcgan" in (tmp_path / "c.html").read_text()


def test_seven_runs_are_seven_colours(tmp_path, no_charts):
  runs = [tmp_path / name for name in "abcdefg"]
  for run in runs:
    run.mkdir()
    write_lines(run / "metrics.jsonl", [logged(4)])
  write_comparison(runs, tmp_path / "c.html")
  legend = (tmp_path / "c.html").read_text().partition('<ul class="legend">')[2]
  used = re.findall(r"var\(--series-(\d)\)", legend.partition("</ul>")[0])
  assert used == list("1234567")


def test_names_are_text(tmp_path, no_charts):
  runs = [write_run(tmp_path / name) for name in ('"><b>', os.fsdecode(b"\xff"))]
  write_lines(runs[0] / "evaluation.jsonl", [
    scored("fid16_train", 4.0, subject={"step": 9, "generator": text}) for text in HOSTILE
  ])  # fmt: skip
  found = compared(runs, tmp_path)
  assert found.all("b") == []
  assert len(found.scripts) == 1
  assert r"\udcff not finished" in found.text


@settings(
  derandomize=True, deadline=None, max_examples=60,
  suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(edited(config_of(), [logged(4)], [scored("fid16_train", 4.0), scored("is16", 2.0)]))
def test_runs_can_be_compared_whatever_stands_in_their_files(runs, tmp_path, no_charts, documents):
  config, metrics, scores = documents
  (runs[0] / "config.json").write_text(json.dumps(config))
  write_lines(runs[0] / "metrics.jsonl", metrics)
  write_lines(runs[0] / "evaluation.jsonl", scores)
  assert len(compared(runs, tmp_path).scripts) == 1
