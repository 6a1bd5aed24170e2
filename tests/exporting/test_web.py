"""What is written for the web, how it looks, and where and when it works."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from browser import console_errors, show
from demo_page import label_of, move, open_page, until
from untrained_run import write_checkpoints

from dcgan_jax.exporting import web
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.sampling import drawn
from dcgan_jax.trained import load_generator

pytestmark = pytest.mark.slow  # each browser test waits for a page; they are many


@pytest.mark.parametrize("width", [360, 400, 800, 1400])
def test_nothing_is_cut_off_at_the_side(browser, address, width):
  show(browser, width=width)
  open_page(browser, address, "#a=3&b=999999&mix=0.5&expression=happy:0.7,sad:0.3")
  until(browser, "document.getElementById('status').textContent")
  assert browser.execute_script("return document.documentElement.scrollWidth") <= width
  show(browser)


def test_names_of_expressions_may_be_long(browser, serve, tmp_path):
  names = ["pleasantly surprised", "a_very_long_name_without_any_space_in_it", "a:b,c&d=e#f %20"]
  write_checkpoints(tmp_path, [4], model="cgan", class_names=names)
  show(browser, width=360)
  open_page(browser, serve(load_generator(tmp_path, None, ema=False))[0])
  assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
  move(browser, "weight-2", 100)
  until(browser, "location.hash.includes('0.5,a%3Ab%2Cc%26d%3De%23f%20%2520:0.5')")
  open_page(browser, browser.current_url)
  assert label_of(browser) == (
    "Synthetic face: pleasantly surprised 50 %, a:b,c&d=e#f %20 50 %, face 0"
  )
  show(browser)


def test_every_control_has_a_name_and_the_page_its_landmarks(browser, address):
  open_page(browser, address)
  controls = browser.find_elements("css selector", "button, input, canvas[role], a")
  assert len(controls) > 20
  assert [one.get_attribute("outerHTML") for one in controls if not one.accessible_name] == []
  assert browser.execute_script("return document.documentElement.lang") == "en"
  for landmark in ("header", "main", "footer"):
    assert len(browser.find_elements("css selector", f"body > {landmark}")) == 1
  assert len(browser.find_elements("css selector", "h1")) == 1
  said = browser.find_element("css selector", "header").text
  assert "synthetic: a program made them" in said
  assert "on the data set synthetic." in said  # its training set's name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, address, scheme):
  """WCAG 2.2, 1.4.3 and 1.4.11: 4.5 : 1 for text, 3 : 1 for the edges of controls."""
  show(browser, scheme=scheme)
  open_page(browser, address)
  names = ("page", "panel", "text", "quiet", "edge", "accent", "on-accent")
  style = "getComputedStyle(document.documentElement)"
  colours = {
    name: browser.execute_script(f"return {style}.getPropertyValue('--{name}')") for name in names
  }
  for ground in ("page", "panel"):
    for ink in ("text", "quiet", "accent"):
      assert contrast(colours[ink], colours[ground]) >= 4.5
    assert contrast(colours["edge"], colours[ground]) >= 3
  assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
  show(browser)


def contrast(one, other):
  def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)

  low, high = sorted([luminance(one.strip()), luminance(other.strip())])
  return (high + 0.05) / (low + 0.05)


def test_the_page_asks_nobody_but_its_own_server(browser, address):
  open_page(browser, address)
  assert not console_errors(browser)  # the browser of tests reaches no other host: it would show
  asked = browser.execute_script(
    "return performance.getEntriesByType('resource').map((entry) => entry.name)"
  )
  assert len(asked) > 10
  assert [name for name in asked if not name.startswith(address)] == []


def test_any_static_host_and_path_will_do(browser, conditional, serve):
  """Without the headers that threads need, and with types of files as a machine has them."""
  _, folder = serve(conditional)
  handler = partial(SimpleHTTPRequestHandler, directory=str(folder.parent))
  with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    open_page(browser, f"http://127.0.0.1:{server.server_port}/{folder.name}/")
    browser.find_element("id", "roll").click()
    until(browser, "speed.textContent.includes('on one thread')")
    assert not console_errors(browser)
    server.shutdown()


def test_threads_are_used_where_the_browser_allows_them(browser, address):
  open_page(browser, address)
  cores = browser.execute_script("return navigator.hardwareConcurrency")
  if cores == 1:
    pytest.skip("one core")
  browser.find_element("id", "roll").click()
  until(browser, f"speed.textContent.includes('on {min(cores, 4)} threads')")


@pytest.mark.parametrize("name", ["model.json", "latents.bin", "generator.onnx"])
def test_a_file_that_is_missing_is_named_on_the_page(browser, conditional, serve, name):
  address, folder = serve(conditional)
  (folder / name).unlink()
  browser.get(address)
  until(browser, "document.getElementById('loading').textContent.includes('No faces')")
  assert browser.find_element("css selector", "[role=alert]").text == (
    f"No faces can be drawn: {name} is not there (the server says 404)."
  )
  assert not browser.find_element("id", "studio").is_displayed()
  console_errors(browser)  # the 404, which is not for other tests


def test_a_runtime_that_cannot_be_run_is_told(browser, conditional, serve):
  address, folder = serve(conditional)
  (folder / "onnxruntime" / "ort-wasm-simd-threaded.wasm").write_bytes(b"\0asm")
  browser.get(address)
  until(browser, "document.getElementById('loading').textContent.includes('cannot run it')")
  console_errors(browser)


def test_a_page_that_is_opened_as_a_file_says_what_to_do(browser, conditional, serve):
  _, folder = serve(conditional)
  browser.get((folder / "index.html").as_uri())
  notice = browser.find_element("id", "notice").text
  assert "opened as a file" in notice
  assert "python3 -m http.server" in notice
  console_errors(browser)


def test_what_is_written_is_all_that_a_page_needs(conditional, serve):
  _, folder = serve(conditional)
  page = (folder / "index.html").read_text()
  for name in ("demo.css", "demo.js", "icon.svg", "onnxruntime/LICENSE.txt"):
    assert f'"{name}"' in page
    assert (folder / name).is_file()
  latents = np.fromfile(folder / "latents.bin", "<f4").reshape(web.LISTED, -1)
  expected, _ = drawn(conditional.networks, 0, always(np.eye(3)[0]))(0, web.LISTED)
  np.testing.assert_array_equal(latents, expected)
