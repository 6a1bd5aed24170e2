import datetime

import pytest
from odd_json import HOSTILE
from page_reader import PageReader

from dcgan_jax.reporting.chart import Chart, Level, Series
from dcgan_jax.reporting.render import drawn, render


def comparison(**content):
  """The page of a comparison, of nothing unless something is given."""
  empty = {
    "title": "t", "runs": [], "missing": [], "differences": [], "names": [], "faces": [],
    "training_charts": [], "score_charts": [], "scores": [],
  }  # fmt: skip
  return render("comparison.html.j2", **empty | content)


def test_a_page_is_one_file():
  page = PageReader(comparison())
  assert page.problems == []
  assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
  assert page.values("src") == []
  assert "@import" not in comparison()
  assert "url(" not in comparison()


def test_its_policy_lets_nothing_in_but_what_it_holds():
  (policy,) = [
    meta["content"] for meta in PageReader(comparison()).all("meta")
    if meta.get("http-equiv") == "Content-Security-Policy"
  ]  # fmt: skip
  assert policy.startswith("default-src 'none'; ")
  assert "http" not in policy


def test_it_says_when_it_was_written():
  (time,) = PageReader(comparison()).all("time")
  written = datetime.datetime.fromisoformat(time["datetime"])
  now = datetime.datetime.now(datetime.UTC)
  assert datetime.timedelta(0) <= now - written < datetime.timedelta(minutes=5)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_filled_in_is_text(text):
  page = comparison(title=text, missing=[text], runs=[[text] * 6], names=[text],
                    differences=[(text, [text])], scores=[(text, [text])])  # fmt: skip
  read = PageReader(page)
  assert read.problems == []
  assert len(read.scripts) == len(PageReader(comparison()).scripts)
  assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
  page.encode()  # no half of a surrogate pair


def test_what_cannot_be_seen_is_spelled_out():
  shown = PageReader(comparison(missing=["a\u202eb\x00c\ud800"])).text
  assert r"a\u202eb\x00c\ud800" in shown


def test_what_is_missing_is_a_list_where_something_is():
  assert "Damaged, missing, or not" not in comparison()
  assert "Damaged, missing, or not" in comparison(missing=["samples/: no pictures yet."])


def test_charts_are_filled_in_with_their_legend():
  chart = Chart("Loss <b>", [Series("none", []), Series("a<b", [(1, 2.0), (2, 0.1234)])], "step",
                [Level("floor", 1.5)])  # fmt: skip
  (one, other) = drawn([chart, chart], "training")
  assert one["legend"] == [("a<b", "0.123", 1)]
  assert one["levels"] == [("floor", "1.5")]
  page = PageReader(comparison(training_charts=[one, other], score_charts=drawn([chart], "score")))
  assert page.problems == []  # no id twice
  assert len(page.all("svg")) == 3
  assert "a<b 0.123 floor 1.5" in page.text
