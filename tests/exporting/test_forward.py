import jax
import numpy as np
import pytest
from untrained_generator import arguments_of, untrained_generator

from dcgan_jax.drawing import draw_images, usual_inputs
from dcgan_jax.errors import UserError
from dcgan_jax.exporting.forward import check_agreement, forward, shapes, usual_arguments
from dcgan_jax.pixels import to_images


@pytest.fixture(scope="module")
def generator():
  return untrained_generator("cgan")


def test_classes_are_an_argument_where_the_generator_knows_any(generator):
  assert {name: one.shape for name, one in shapes(generator.networks, 5).items()} == {
    "latents": (5, 8),
    "classes": (5, 3),
  }
  unconditional = untrained_generator("radford_dcgan")
  assert list(shapes(unconditional.networks, 5)) == ["latents"]
  assert [one.shape for one in usual_arguments(unconditional, 5)] == [(5, 8)]


def test_the_usual_arguments_make_the_samples_of_seed_0(generator):
  pixels = jax.jit(forward(generator))(*usual_arguments(generator, 4))
  (images,) = draw_images(generator, usual_inputs(generator, 0), count=4, description="")
  # Another batch may round otherwise, by a level where a pixel lies between two.
  assert np.abs(np.asarray(to_images(pixels)).astype(int) - images).max() <= 1


def test_the_largest_difference_of_a_pixel_is_told(generator):
  def shifted(*arguments):
    pixels = np.array(jax.jit(forward(generator))(*arguments))
    pixels[-1, 3, 5, 0] += 5e-5
    return pixels

  assert check_agreement(generator, shifted, "ONNX") == pytest.approx(5e-5, rel=0.01)


@pytest.mark.parametrize("wrong", [2e-4, np.nan])
def test_other_pixels_are_refused(generator, wrong):
  def run(*arguments):
    return np.asarray(jax.jit(forward(generator))(*arguments)) + np.float32(wrong)

  with pytest.raises(UserError, match=r"ONNX: its pixels differ by .* more than 0.0001: not writ"):
    check_agreement(generator, run, "ONNX")


def test_a_conditional_generator_is_a_function_of_its_classes(generator):
  latents, classes = arguments_of(generator, 2)
  draw = forward(generator)
  assert not np.array_equal(draw(latents, classes), draw(latents, classes[::-1]))
