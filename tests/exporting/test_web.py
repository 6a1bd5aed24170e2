import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from browser import chromium, console_errors, show
from PIL import Image
from untrained_run import write_checkpoints

from dcgan_jax.config_files import reference
from dcgan_jax.drawing import draw_images
from dcgan_jax.errors import UserError
from dcgan_jax.exporting import web
from dcgan_jax.exporting.local_server import LocalServer
from dcgan_jax.exporting.onnxruntime_web import read_runtime
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.interpolation import closed_path
from dcgan_jax.gan.sampling import drawn, listed
from dcgan_jax.gan.state import create_state, make_optimizers, weights
from dcgan_jax.models.build import build
from dcgan_jax.trained import TrainedGenerator, load_generator

pytestmark = pytest.mark.slow  # together they take over a minute

LEVELS = 2  # of 255, by which the page may differ from `sample`


@pytest.fixture(scope="module")
def browser():
  with chromium() as driver:
    yield driver


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
  """A generator that knows the expressions angry, happy and sad."""
  workdir = tmp_path_factory.mktemp("conditional")
  write_checkpoints(workdir, [4], model="cgan")
  return load_generator(workdir, None, ema=False)


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
  """Writes a generator's page, serves it, and gives its address and folder."""
  pytest.importorskip("onnx")
  try:
    read_runtime(None)
  except UserError:
    pytest.skip("ONNX Runtime Web is not in the cache, and npm cannot fetch it")
  servers = []

  def of(generator):
    folder = tmp_path_factory.mktemp("page")
    web.write(generator, folder, None)
    servers.append(LocalServer(folder, 0))
    threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
    return servers[-1].address, folder

  yield of
  for server in servers:
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(conditional, serve):
  return serve(conditional)[0]


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


def test_each_expression_makes_another_face(browser, address):
  open_page(browser, address)
  faces = []
  for name in ("angry", "happy", "sad"):
    (button,) = browser.find_elements("xpath", f"//div[@id='pure']/button[.='{name}']")
    button.click()
    until_shown(browser, f"{name}, face 0")
    assert button.get_attribute("aria-pressed") == "true"
    faces.append(pixels(browser))
  assert len({face.tobytes() for face in faces}) == 3
  assert not console_errors(browser)


@pytest.mark.parametrize("number", [0, 5, 255])
def test_a_listed_face_is_the_one_that_sample_draws(browser, address, conditional, number):
  open_page(browser, address, f"#a={number}")
  for row, name in zip(np.eye(3), conditional.class_names, strict=True):
    browser.find_element("xpath", f"//div[@id='pure']/button[.='{name}']").click()
    until_shown(browser, f"{name}, face {number}")
    inputs = drawn(conditional.networks, 0, always(row))
    batches = draw_images(conditional, inputs, count=number + 1, description="the model")
    *_, expected = batches
    assert_close(pixels(browser), expected[-1])


def test_a_mixture_between_two_faces_is_as_its_latents_and_classes_make_it(
  browser, address, conditional
):
  open_page(browser, address, "#a=3&b=17&mix=0.25&expression=happy:0.7,sad:0.3")
  assert label_of(browser).endswith("happy 70 %, sad 30 %, 25 % of the way from face 3 to face 17")
  latents, _ = drawn(conditional.networks, 0, always(np.eye(3)[0]))(0, 18)
  # Four frames from face to face: the second is a quarter of the way.
  way = closed_path(latents[jnp.array([3, 17])], 4, spherical=True)
  inputs = listed(way[1:2], jnp.array([[0, 0.7, 0.3]]))
  (expected,) = draw_images(conditional, inputs, count=1, description="the model")
  assert_close(pixels(browser), expected[0])


def test_uniform_latents_go_by_the_straight_line(browser, serve, tmp_path):
  # A model that hears how long a latent is, which PixelNorm does not, with weights that tell.
  write_checkpoints(tmp_path, [4], model="radford_dcgan")
  generator = load_generator(tmp_path, None, ema=False)
  rng = np.random.default_rng(0)
  loud = jax.tree.map(
    lambda leaf: rng.normal(size=leaf.shape).astype(np.float32), generator.weights["params"]
  )
  networks = generator.networks._replace(latent_distribution="uniform")
  generator = generator._replace(networks=networks, weights={**generator.weights, "params": loud})
  open_page(browser, serve(generator)[0], "#a=3&b=17&mix=0.5")
  latents, classes = drawn(networks, 0, always([]))(0, 18)
  inputs = listed((latents[3:4] + latents[17:]) / 2, classes)
  (expected,) = draw_images(generator, inputs, count=1, description="the model")
  assert_close(pixels(browser), expected[0])


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


def test_latents_of_other_faces_are_as_in_training(browser, address):
  open_page(browser, address)
  normal, uniform = (
    np.array(
      browser.execute_async_script(f"""
        const done = arguments[0];
        import("./latents.js").then(({{ latentsOf }}) => {{
          const of = latentsOf(new ArrayBuffer(0), 10, "{distribution}");
          done(Array.from({{ length: 4000 }}, (_, i) => Array.from(of(990000 + i))));
        }});
      """)
    )
    for distribution in ("normal", "uniform")
  )
  # Of 40,000 draws a mean is off by 1/200 of a standard deviation, this is six times that; of the
  # 45 correlations between 10 latents each is off by 1/63.
  assert abs(normal.mean()) < 0.03
  assert abs(normal.std() - 1) < 0.03
  assert abs((normal**4).mean() - 3) < 0.3
  assert np.abs(np.corrcoef(normal.T) - np.eye(10)).max() < 0.08
  assert np.abs(np.corrcoef(normal[:-1, 0], normal[1:, 0])[0, 1]) < 0.08
  # No face has another's numbers in other places; but for chance, 2**24 being all there are.
  assert len(np.unique(normal)) > 0.99 * normal.size
  assert -1 <= uniform.min() < -0.999
  assert 0.999 < uniform.max() <= 1
  assert abs(uniform.mean()) < 0.02
  assert abs(uniform.std() - 3**-0.5) < 0.02


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


def test_colour_is_drawn_as_colour(browser, address):
  open_page(browser, address)
  shown = browser.execute_async_script("""
    const done = arguments[0];
    import("./drawing.js").then(({ blank, paint }) => {
      const canvas = document.createElement("canvas");
      blank(canvas, [1, 2, 3]);
      paint(canvas, [-1, 0, 1, 2, -2, 0.5], [1, 2, 3]);
      done(Array.from(canvas.getContext("2d").getImageData(0, 0, 2, 1).data));
    });
  """)
  # 127.5 rounds to the even 128, as in pixels.py; 2 and -2 are beyond the ends; 191.25 rounds down.
  assert shown == [0, 128, 255, 255, 255, 0, 191, 255]


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


@pytest.mark.slow
def test_the_papers_model_rolls_eight_faces_a_second(browser, serve):
  config = reference()  # ex2.py's model; random weights take as long as trained ones
  networks = build(config.model, (48, 48, 1), 0)
  state = create_state(networks, make_optimizers(config.optimizer), seed=0)
  record = {"config": config.to_dict(), "data": {"image_shape": [48, 48, 1]}}
  generator = TrainedGenerator(networks, weights(state.generator), 0, record)
  open_page(browser, serve(generator)[0])
  rates = [roll(browser) for _ in range(5)]
  assert max(rates) >= 8


def roll(browser):
  """Rolls new faces, and gives the rate that the page tells."""
  browser.execute_script("speed.textContent = ''; roll.click()")
  told = until(browser, "speed.textContent")
  return float(re.search(r"at ([\d.]+) a second", told)[1])
