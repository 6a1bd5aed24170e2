"""The page of the browser demo as tests work it, through tests/browser.py."""

import numpy as np

LEVELS = 2  # of 255, by which the page may differ from `sample`


def until(browser, truth, *, seconds=30):
  """Waits until an expression of JavaScript is true, and gives its value."""
  from selenium.webdriver.support.wait import WebDriverWait

  wait = WebDriverWait(browser, seconds, poll_frequency=0.02)
  return wait.until(lambda driver: driver.execute_script(f"return {truth}"))


def open_page(browser, address, state=""):
  browser.get("about:blank")  # or an address that differs in its hash alone would load nothing
  browser.get(address + state)
  until(browser, "face.ariaLabel.startsWith('Synthetic face: ') && !face.ariaLabel.includes('not')")


def label_of(browser):
  return browser.execute_script("return face.ariaLabel")


def until_shown(browser, label):
  until(browser, f"face.ariaLabel === 'Synthetic face: {label}'")


def pixels(browser, canvas="face"):
  """What a canvas shows, uint8 [height, width, 1]; a grey one has red, green and blue alike."""
  script = f"""
    const {{ width, height }} = {canvas};
    const data = {canvas}.getContext("2d").getImageData(0, 0, width, height).data;
    return [height, width, Array.from(data)];
  """
  height, width, values = browser.execute_script(script)
  image = np.array(values, np.uint8).reshape(height, width, 4)
  assert (image[..., 3] == 255).all()
  assert (image[..., 0] == image[..., 1]).all()
  assert (image[..., 0] == image[..., 2]).all()
  return image[..., :1]


def move(browser, slider, value):
  """As a drag does."""
  browser.execute_script(f"""
    const slider = document.getElementById("{slider}");
    slider.value = {value};
    slider.dispatchEvent(new Event("input"));
  """)


def assert_close(image, expected):
  assert np.abs(image.astype(int) - expected.astype(int)).max() <= LEVELS
