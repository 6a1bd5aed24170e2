"""The pages as a browser shows them: they work, fit, and ask for nothing."""

import json
import shutil

import pytest
from browser import chromium, console_errors, show
from hand_made import (
  DATA,
  FLOORS,
  SESSION,
  config_of,
  scored,
  write_lines,
  write_picture,
  write_run,
)
from odd_json import HOSTILE

from dcgan_jax.reporting.comparison_page import write_comparison
from dcgan_jax.reporting.run_page import write_page

WIDTHS = (400, 1400)
_DARK, _LIGHT = "rgb(20, 20, 22)", "rgb(251, 250, 248)"  # --page of page.css


@pytest.fixture(scope="module")
def browser():
  with chromium() as driver:
    yield driver


@pytest.fixture(scope="module")
def run(tmp_path_factory):
  """A run of which each thing that a page shows is there, and long."""
  workdir = write_run(tmp_path_factory.mktemp("pages") / "a")
  names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
  config = config_of(batch_size=16, notes="unbroken" * 40)
  config["model"]["name"] = "acgan"
  (workdir / "config.json").write_text(json.dumps(config))
  about = {
    "total_steps": 179_432,
    "data": DATA | {"class_names": names, "class_counts": [4000] * 7, "fingerprint": "f" * 64},
    "sessions": [SESSION | {"command": "python -m dcgan_jax.main " + "x" * 300}] * 2,
  }
  (workdir / "run.json").write_text(json.dumps(about))
  more = [
    scored("memorization_inception10000_train", 0.4, error=0.0123),
    scored("fid_pytorch10000_a_long_name_of_a_reference_folder", 12345.6, error=1234.5),
    scored("fid10k_train", 12.5, details={"floors": FLOORS * 2}, note="a note of some words " * 9),
  ]
  with (workdir / "evaluation.jsonl").open("a") as file:
    file.writelines(json.dumps(row) + "\n" for row in more)
  (workdir / "samples" / "00000012.png").write_bytes(b"half")
  return workdir


@pytest.fixture(scope="module")
def page(run):
  write_page(run)
  return run / "report.html"


@pytest.fixture(scope="module")
def comparison(run):
  other = shutil.copytree(run, run.parent / ("long" * 20))
  (other / "config.json").write_text(json.dumps(config_of(batch_size=8)))
  write_comparison([run, other], run.parent / "comparison.html")
  return run.parent / "comparison.html"


@pytest.fixture(params=["page", "comparison"])
def each_page(request):
  return request.getfixturevalue(request.param)


def opened(browser, page, **how):
  """The page, in a browser that remembers nothing of others."""
  show(browser, **how)
  browser.get(page.as_uri())
  browser.execute_script("localStorage.clear()")
  console_errors(browser)
  browser.get(page.as_uri())
  return browser


def element(browser, selector):
  return browser.find_element("css selector", selector)


def background(browser):
  return browser.execute_script("return getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_an_error_and_asks_the_network_for_nothing(
  browser, each_page, width, scheme
):
  opened(browser, each_page, width=width, scheme=scheme)
  asked = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
  assert [name for name in asked if not name.startswith("data:")] == []
  assert console_errors(browser) == []
  broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
  assert browser.execute_script(broken) == 0


_OVERFLOWING = """
const root = document.documentElement;  // less wide than the window by the scroll bar
const wide = [...document.querySelectorAll("body *")].filter((one) =>
  one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".wide, pre, svg"));
return [root.scrollWidth - root.clientWidth, ...wide.map((one) => one.outerHTML.slice(0, 80))];
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_reaches_beyond_the_window(browser, each_page, width):
  opened(browser, each_page, width=width)
  browser.execute_script("document.querySelectorAll('details').forEach((one) => one.open = true)")
  assert browser.execute_script(_OVERFLOWING) == [0]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_of_nothing_fits_too(browser, tmp_path, width):
  write_page(tmp_path)
  opened(browser, tmp_path / "report.html", width=width)
  assert browser.execute_script(_OVERFLOWING) == [0]
  assert console_errors(browser) == []


@pytest.mark.parametrize(("scheme", "colour"), [("light", _LIGHT), ("dark", _DARK)])
def test_the_theme_is_the_systems_unless_somebody_chooses(browser, each_page, scheme, colour):
  opened(browser, each_page, scheme=scheme)
  assert background(browser) == colour


def test_the_button_changes_the_theme_and_it_is_remembered(browser, each_page):
  opened(browser, each_page)
  button = element(browser, "#theme")
  assert button.text == "Dark theme"
  button.click()
  assert (background(browser), button.text) == (_DARK, "Light theme")
  browser.refresh()
  button = element(browser, "#theme")
  assert (background(browser), button.text) == (_DARK, "Light theme")
  button.click()
  assert (background(browser), button.text) == (_LIGHT, "Dark theme")
  assert console_errors(browser) == []


def test_the_lines_of_a_chart_have_other_colours_in_the_dark(browser, page):
  line = "return getComputedStyle(document.querySelector('figure svg [style*=series-1]')).stroke"
  opened(browser, page, scheme="light")
  light = browser.execute_script(line)
  opened(browser, page, scheme="dark")
  assert [light, browser.execute_script(line)] == ["rgb(31, 111, 196)", "rgb(111, 176, 247)"]


def frame(browser):
  """What the slider says and shows: updates twice, the picture, its description."""
  slider, picture = element(browser, "#at-step"), element(browser, ".faces img")
  said = element(browser, "output").text, slider.get_attribute("aria-valuetext")
  return (*said, picture.get_attribute("src"), picture.get_attribute("alt"))


def test_the_slider_goes_through_the_pictures_by_its_keys(browser, page):
  from selenium.webdriver.common.keys import Keys

  opened(browser, page)
  frames = json.loads(browser.execute_script("return document.querySelector('.faces script').text"))
  assert {kind: [one["step"] for one in each] for kind, each in frames.items()} == {
    "raw": [3, 6, 9], "averaged (EMA)": [3, 6, 9],
  }  # fmt: skip
  seen = [frame(browser)]
  for key in (Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.END):
    element(browser, "#at-step").send_keys(key)
    seen.append(frame(browser))
  assert seen == [
    (*[f"{step} updates"] * 2, frames["averaged (EMA)"][i]["url"],
     f"Generated faces after {step} updates")
    for i, step in ((2, 9), (1, 6), (0, 3), (0, 3), (1, 6), (2, 9))
  ]  # fmt: skip


def test_the_weights_can_be_changed_where_the_slider_stands(browser, page):
  from selenium.webdriver.common.keys import Keys

  opened(browser, page)
  frames = json.loads(browser.execute_script("return document.querySelector('.faces script').text"))
  element(browser, "#at-step").send_keys(Keys.ARROW_LEFT)
  element(browser, "input[value=raw]").click()
  assert frame(browser)[::2] == ("6 updates", frames["raw"][1]["url"])
  element(browser, "input[value^=averaged]").click()
  assert frame(browser)[::2] == ("6 updates", frames["averaged (EMA)"][1]["url"])


_TIMERS = """
window.timers = new Map();
window.setInterval = (call, wait) => (timers.set(timers.size + 1, [call, wait]), timers.size);
window.clearInterval = (number) => timers.delete(number);
"""


def test_play_shows_one_picture_after_another_and_stops_at_the_last(browser, page):
  opened(browser, page)
  play = element(browser, ".faces button")
  browser.execute_script(_TIMERS)
  tick = "[...timers.values()].forEach(([call]) => call())"
  play.click()
  seen = [(play.text, frame(browser)[0])]
  for _ in range(3):
    browser.execute_script(tick)
    seen.append((play.text, frame(browser)[0]))
  # From the first picture, since it stood at the last one.
  steps = ["3 updates", "6 updates", "9 updates", "9 updates"]
  assert seen == list(zip(["Stop", "Stop", "Stop", "Play"], steps, strict=True))
  assert browser.execute_script("return timers.size") == 0


def test_stop_and_the_slider_itself_end_the_playing(browser, page):
  from selenium.webdriver.common.keys import Keys

  opened(browser, page)
  play = element(browser, ".faces button")
  browser.execute_script(_TIMERS)
  for end in (play.click, lambda: element(browser, "#at-step").send_keys(Keys.ARROW_RIGHT)):
    play.click()
    assert browser.execute_script("return [...timers.values()].map(([_, wait]) => wait)") == [350]
    end()
    assert (play.text, browser.execute_script("return timers.size")) == ("Play", 0)


_NAMELESS = """
return [...document.querySelectorAll("input, button, select, img, progress, svg, [role=region]")]
  .filter((one) => !(one.labels?.[0]?.innerText || one.getAttribute("aria-label") || one.alt ||
                     one.innerText || "").trim())
  .map((one) => one.outerHTML.slice(0, 80));
"""


def test_whatever_is_operated_or_seen_has_a_name(browser, each_page):
  opened(browser, each_page)
  assert browser.execute_script(_NAMELESS) == []


def test_it_reloads_by_itself_only_where_a_training_goes_on_and_somebody_asks(browser, run):
  write_page(run, run / "live.html", training=True)
  opened(browser, run / "live.html")
  box = element(browser, "#follow")
  assert box.is_displayed()
  assert not box.is_selected()
  box.click()
  browser.refresh()
  assert element(browser, "#follow").is_selected()
  write_page(run, run / "live.html", training=False)
  browser.refresh()
  assert browser.find_elements("css selector", "#follow") == []


def test_names_and_notes_that_are_programs_are_shown_and_not_run(browser, tmp_path):
  workdir = write_run(tmp_path / '"><img src=x onerror="document.title=1">')
  config = config_of(batch_size=HOSTILE[0], **{HOSTILE[1]: HOSTILE[0]})
  config["model"]["name"] = "acgan"
  (workdir / "config.json").write_text(json.dumps(config))
  data = DATA | {"class_names": list(HOSTILE), "class_counts": list(HOSTILE)}
  session = SESSION | {"command": HOSTILE[0], "versions": {HOSTILE[0]: HOSTILE[1]}}
  about = {"total_steps": 12, "data": data, "sessions": [session]}
  (workdir / "run.json").write_text(json.dumps(about))
  floors = [FLOORS[1] | {"other": HOSTILE[1]}]
  subject = {"step": 9, "generator": HOSTILE[0]}
  write_lines(
    workdir / "evaluation.jsonl",
    [
      scored(f"fid{text}", 30.0, note=text, details={"floors": floors}, subject=subject)
      for text in HOSTILE[:3]
    ],
  )
  write_picture(workdir / "evaluation" / "00000009_memorization<b>.png")
  write_page(workdir)
  opened(browser, workdir / "report.html", width=400)
  assert browser.title == f"{workdir.name} – dcgan_jax"
  assert len(browser.find_elements("css selector", "script")) == 2  # the pictures' and the page's
  assert browser.find_elements("css selector", "b, [onerror]") == []
  assert console_errors(browser) == []
  assert browser.execute_script(_OVERFLOWING) == [0]
  assert HOSTILE[0] in element(browser, "main").text
