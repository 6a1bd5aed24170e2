"""How the demo's page is worked: expressions, identity, rolls, its address, the keyboard."""

import numpy as np
import pytest
from browser import console_errors, show
from demo_page import assert_close, label_of, move, open_page, pixels, until, until_shown
from PIL import Image
from untrained_run import write_checkpoints

from dcgan_jax.drawing import draw_images
from dcgan_jax.exporting import web
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.sampling import drawn
from dcgan_jax.trained import load_generator

pytestmark = pytest.mark.slow  # each browser test waits for a page; they are many


def test_shares_of_a_mixture_sum_to_one(browser, address, conditional):
  open_page(browser, address, "#a=2&expression=happy")
  move(browser, "weight-2", 50)  # besides happy at 100
  until_shown(browser, "happy 67 %, sad 33 %, face 2")
  inputs = drawn(conditional.networks, 0, always([0, 2 / 3, 1 / 3]))
  (expected,) = draw_images(conditional, inputs, count=3, description="the model")
  assert_close(pixels(browser), expected[2])


def test_sliders_change_the_face_and_say_their_share(browser, address):
  open_page(browser, address, "#a=3&b=17&expression=happy")
  seen = [pixels(browser)]
  for slider, value, label in [
    ("mix", 40, "happy, 40 % of the way from face 3 to face 17"),
    ("mix", 100, "happy, face 17"),
    ("weight-2", 50, "happy 67 %, sad 33 %, face 17"),
    ("weight-1", 0, "sad, face 17"),
  ]:
    move(browser, slider, value)
    until_shown(browser, label)
    seen.append(pixels(browser))
  assert len({face.tobytes() for face in seen}) == len(seen)
  (output,) = browser.find_elements("css selector", "output[for='weight-2']")
  assert output.text == "100 %"


def test_the_last_expression_cannot_be_taken_away(browser, address):
  open_page(browser, address, "#expression=happy")
  move(browser, "weight-1", 0)
  until(browser, "document.getElementById('weight-1').value === '1'")
  assert label_of(browser) == "Synthetic face: happy, face 0"


def test_the_address_names_the_face_and_brings_it_back(browser, address):
  open_page(browser, address, "#a=7&b=123456&expression=angry:0.25,sad:0.75")
  move(browser, "mix", 50)
  until_shown(browser, "angry 25 %, sad 75 %, 50 % of the way from face 7 to face 123456")
  until(browser, "location.hash.includes('mix=0.5')")  # once nothing has moved for a moment
  face = pixels(browser)
  shared = browser.current_url
  assert shared == address + "#a=7&b=123456&mix=0.5&expression=angry:0.25,sad:0.75"
  open_page(browser, shared)
  np.testing.assert_array_equal(pixels(browser), face)


def test_an_address_that_is_changed_by_hand_is_followed(browser, address):
  open_page(browser, address, "#a=7&expression=sad")
  browser.execute_script("location.hash = '#a=8&expression=angry'")
  until_shown(browser, "angry, face 8")


@pytest.mark.parametrize(
  "state", ["#a=-1&mix=2&expression=bored", "#a=1000000&mix=x&expression=happy:-1", "#&=&a=1e3"]
)
def test_what_an_address_gets_wrong_is_as_at_the_start(browser, address, state):
  open_page(browser, address, state)
  # Of 5 angry, 3 happy and 2 sad faces it was trained on, angry ones are the most.
  assert label_of(browser) == "Synthetic face: angry, face 0"
  assert not console_errors(browser)


def test_all_can_be_done_with_the_keyboard(browser, address):
  from selenium.webdriver.common.action_chains import ActionChains
  from selenium.webdriver.common.keys import Keys

  open_page(browser, address)

  def press(*keys):
    ActionChains(browser).send_keys(*keys).perform()

  def tab_to(truth):
    for _ in range(40):
      press(Keys.TAB)
      if browser.execute_script(f"return {truth}"):
        return
    raise AssertionError(f"no way to {truth} by Tab")

  tab_to("document.activeElement.textContent === 'sad'")
  press(Keys.SPACE)
  until_shown(browser, "sad, face 0")
  tab_to("document.activeElement.id === 'weight-0'")
  press(Keys.END)
  until_shown(browser, "angry 50 %, sad 50 %, face 0")
  tab_to("document.activeElement.id === 'mix'")
  press(Keys.ARROW_RIGHT)
  until_shown(browser, "angry 50 %, sad 50 %, 1 % of the way from face 0 to face 1")
  tab_to("document.activeElement.id === 'roll'")
  press(Keys.ENTER)
  until(browser, "speed.textContent.includes('8 new faces')")
  tab_to("document.activeElement.closest('#faces')")
  press(Keys.ENTER)
  number = browser.execute_script("return document.activeElement.ariaLabel").removeprefix("Face ")
  until_shown(browser, f"angry 50 %, sad 50 %, face {number}")


def test_rolled_faces_are_new_ones_and_become_what_is_asked(browser, address):
  open_page(browser, address)
  names = "Array.from(faces.querySelectorAll('button'), (button) => button.ariaLabel)"
  assert browser.execute_script(f"return {names}") == [f"Face {i}" for i in range(8)]
  browser.find_element("id", "roll").click()
  until(browser, "speed.textContent.includes('8 new faces')")
  rolled = [int(name.split()[1]) for name in browser.execute_script(f"return {names}")]
  assert len(set(rolled)) == 8
  assert min(rolled) >= web.LISTED
  browser.find_element("id", "becomes-b").click()
  browser.find_elements("css selector", "#faces button")[2].click()
  until_shown(browser, f"angry, face {rolled[2]}")
  assert browser.find_element("id", "b").get_property("value") == str(rolled[2])
  small = pixels(browser, "document.querySelectorAll('#faces canvas')[2]")
  np.testing.assert_array_equal(pixels(browser), small)


def test_the_numbers_of_faces_can_be_typed(browser, address):
  from selenium.webdriver.common.keys import Keys

  open_page(browser, address, "#expression=sad")
  field = browser.find_element("id", "a")
  field.send_keys(Keys.CONTROL, "a")
  field.send_keys("31", Keys.TAB)
  until_shown(browser, "sad, face 31")
  field.send_keys(Keys.CONTROL, "a")
  field.send_keys("1000000", Keys.TAB)  # there is no such face
  assert browser.execute_script("return !document.getElementById('a').checkValidity()")
  assert label_of(browser) == "Synthetic face: sad, face 31"


@pytest.mark.parametrize("still", [False, True])
def test_a_walk_goes_from_face_to_face_until_it_is_paused(browser, address, still):
  show(browser, still=still)
  open_page(browser, address, "#a=3&b=17&expression=sad")
  assert label_of(browser) == "Synthetic face: sad, face 3"  # nobody has started it
  play = browser.find_element("id", "play")
  play.click()
  until(browser, "Number(mix.value) >= 10")
  assert play.text == "Pause"
  assert browser.find_element("id", "status").text == (
    "Synthetic face: sad, between face 3 and face 17."
  )
  play.click()
  assert play.text == "Interpolate"
  there = browser.execute_script("return mix.value")
  until_shown(browser, f"sad, {there} % of the way from face 3 to face 17")
  until(browser, "document.getElementById('status').textContent.includes('of the way')")
  assert browser.execute_script("return mix.value") == there
  show(browser)


def test_a_download_is_the_face_enlarged_and_says_what_it_is(browser, address, tmp_path):
  behavior = {"behavior": "allow", "downloadPath": str(tmp_path)}
  browser.execute_cdp_cmd("Browser.setDownloadBehavior", behavior)
  open_page(browser, address, "#a=3&b=17&mix=0.5&expression=happy:0.7,sad:0.3")
  browser.find_element("id", "download").click()
  name = "synthetic-face-happy-70-sad-30-50-of-the-way-from-face-3-to-face-17.png"
  until_there(browser, tmp_path / name)
  image = np.asarray(Image.open(tmp_path / name))
  face = pixels(browser)[..., 0]
  np.testing.assert_array_equal(image[..., 0], face.repeat(8, axis=0).repeat(8, axis=1))


def until_there(browser, path):
  from selenium.webdriver.support.wait import WebDriverWait

  WebDriverWait(browser, 30, poll_frequency=0.02).until(lambda _: path.exists())


@pytest.mark.parametrize(
  ("expression", "told"),
  [
    (None, "This model was trained on all faces as one"),
    ("sad", "This model was trained on one expression and draws no other: sad."),
  ],
)
def test_a_model_that_knows_no_expressions_has_no_sliders_for_them(
  browser, serve, tmp_path, expression, told
):
  write_checkpoints(tmp_path, [4], expression=expression)
  generator = load_generator(tmp_path, None, ema=False)
  open_page(browser, serve(generator)[0], "#a=5&expression=happy")
  assert told in browser.find_element("id", "expressions").text
  assert browser.find_elements("css selector", "#expressions input, #expressions button") == []
  assert label_of(browser) == f"Synthetic face: {'sad, ' if expression else ''}face 5"
  batches = draw_images(
    generator, drawn(generator.networks, 0, always([])), count=6, description="the model"
  )
  assert_close(pixels(browser), next(batches)[5])
