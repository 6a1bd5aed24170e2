import jax
import native_convolutions
import numpy as np
import pytest

from dcgan_jax.models import winograd

NAMES = tuple(native_convolutions.BY_NAME)
# Taps and stride: two blocks of taps, whole and in part, and three.
WINDOWS = [(4, 2), (3, 2), (3, 1), (5, 2)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("taps", "stride"), WINDOWS)
def test_values_and_gradients_are_the_native_ones(name, taps, stride):
  # Height, width, in and out all differ, so that no two of them can be mixed up.
  x, kernel = (2, 6 * stride, 4 * stride, 3), (taps, taps, 3, 5)
  native_convolutions.assert_form_agrees(winograd, name, x, kernel, stride)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("taps", "stride"), WINDOWS)
def test_one_tile_is_enough(name, taps, stride):
  side = {"conv": 2 * stride, "conv_transpose": 2}[name]
  x, kernel = (1, side, side, 1), (taps, taps, 1, 1)
  native_convolutions.assert_form_agrees(winograd, name, x, kernel, stride)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("taps", "stride"), [(4, 2), (3, 1), (5, 2)])
def test_whole_numbers_come_out_exactly(name, taps, stride):
  # Nothing but sums, differences, quarters and products: no rounding, however the sums are taken.
  rng = np.random.default_rng(0)
  x = rng.integers(-8, 9, (3, 8, 8, 4)).astype(np.float32)
  kernel = rng.integers(-8, 9, (taps, taps, 4, 6)).astype(np.float32)
  ours = getattr(winograd, name)(x, kernel, stride)
  np.testing.assert_array_equal(ours, native_convolutions.BY_NAME[name](x, kernel, stride))


@pytest.mark.parametrize(("taps", "height", "width"), [(3, 3, 3), (3, 5, 8), (3, 8, 5), (2, 6, 7)])
def test_without_padding_any_size_will_do(taps, height, width):
  x, kernel = native_convolutions.draw((2, height, width, 3), (taps, taps, 3, 5))
  ours = winograd.conv_unpadded(x, kernel)
  layout = ("NHWC", "HWIO", "NHWC")
  theirs = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=layout)
  native_convolutions.assert_close([ours], [theirs])


@pytest.mark.parametrize(
  ("taps", "stride", "products"),  # for 2×2 results, of one channel each way
  [(4, 2, 9 * 4), (3, 1, 16), (5, 2, 16 * 4)],  # by the definition 64, 36 and 100
)
def test_fewer_products_do_the_work(taps, stride, products):
  x, kernel = native_convolutions.draw((2, 4 * stride, 4 * stride, 3), (taps, taps, 3, 5))
  jaxpr = jax.make_jaxpr(lambda x, kernel: winograd.conv(x, kernel, stride))(x, kernel)
  dots = [equation for equation in jaxpr.jaxpr.eqns if equation.primitive.name == "dot_general"]
  taken = sum(np.prod(dot.outvars[0].aval.shape) * dot.invars[0].aval.shape[1] for dot in dots)
  tiles = 2 * 2 * 2
  assert taken == products * 3 * 5 * tiles


@pytest.mark.parametrize(
  ("smaller", "kernel", "stride", "expected"),
  [
    ((16, 12, 12), (4, 4, 256, 128), 2, True),  # 576 tiles: the paper's second doubling, batch 16
    ((16, 6, 6), (4, 4, 512, 256), 2, False),  # 144 tiles for a kernel of eight megabytes
    ((64, 6, 6), (4, 4, 512, 256), 2, True),  # the same layer at batch 64
    ((64, 3, 3), (4, 4, 256, 512), 2, False),  # odd
    ((64, 24, 24), (4, 4, 1, 64), 2, False),  # of one channel there is nothing to save
    ((64, 48, 48), (4, 4, 64, 32), 1, False),  # four blocks
    ((16, 12, 12), (5, 5, 385, 192), 2, True),  # the AC-GAN's first doubling
    ((128, 6, 6), (3, 3, 128, 128), 1, True),  # of the classifier
    ((128, 12, 12), (1, 1, 32, 64), 1, False),  # its shortcuts: one block
  ],
)
def test_it_is_taken_where_it_can_be_and_pays(smaller, kernel, stride, expected):
  assert winograd.pays(smaller, kernel, stride) is expected
