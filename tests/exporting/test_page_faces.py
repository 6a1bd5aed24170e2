"""What the demo's page draws, against what the generator draws."""

import re
import statistics

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from browser import console_errors
from demo_page import assert_close, label_of, open_page, pixels, until, until_shown
from untrained_run import write_checkpoints

from dcgan_jax.config_files import reference
from dcgan_jax.drawing import draw_images
from dcgan_jax.gan.classes import always
from dcgan_jax.gan.interpolation import closed_path
from dcgan_jax.gan.sampling import drawn, listed
from dcgan_jax.gan.state import create_state, make_optimizers, weights
from dcgan_jax.models.build import build
from dcgan_jax.trained import TrainedGenerator, load_generator

pytestmark = pytest.mark.slow  # each browser test waits for a page; they are many


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


@pytest.mark.slow
def test_the_papers_model_rolls_eight_faces_a_second(browser, serve):
  config = reference()  # ex2.py's model; random weights take as long as trained ones
  networks = build(config.model, (48, 48, 1), 0)
  state = create_state(networks, make_optimizers(config.optimizer), seed=0)
  record = {"config": config.to_dict(), "data": {"image_shape": [48, 48, 1]}}
  generator = TrainedGenerator(networks, weights(state.generator), 0, record)
  open_page(browser, serve(generator)[0])
  rates = [roll(browser) for _ in range(5)]
  assert statistics.median(rates) >= 8


def roll(browser):
  """Rolls new faces, and gives the rate that the page tells."""
  browser.execute_script("speed.textContent = ''; roll.click()")
  told = until(browser, "speed.textContent")
  return float(re.search(r"at ([\d.]+) a second", told)[1])
