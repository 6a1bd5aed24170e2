import jax
import native_convolutions
import numpy as np
import pytest

from dcgan_jax.models import winograd

NAMES = tuple(native_convolutions.BY_NAME)


@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_the_native_ones(name):
  # Height, width, in and out all differ, so that no two of them can be mixed up.
  native_convolutions.assert_form_agrees(winograd, name, (2, 12, 8, 3), (4, 4, 3, 5), 2)


@pytest.mark.parametrize("name", NAMES)
def test_one_tile_is_enough(name):
  side = {"conv": 4, "conv_transpose": 2}[name]
  native_convolutions.assert_form_agrees(winograd, name, (1, side, side, 1), (4, 4, 1, 1), 2)


@pytest.mark.parametrize("name", NAMES)
def test_whole_numbers_come_out_exactly(name):
  # Nothing but sums, differences and products: no rounding, however the sums are taken.
  rng = np.random.default_rng(0)
  x = rng.integers(-8, 9, (3, 8, 8, 4)).astype(np.float32)
  kernel = rng.integers(-8, 9, (4, 4, 4, 6)).astype(np.float32)
  ours = getattr(winograd, name)(x, kernel, 2)
  np.testing.assert_array_equal(ours, native_convolutions.BY_NAME[name](x, kernel, 2))


def test_nine_products_do_the_work_of_sixteen():
  def products(x, kernel):
    jaxpr = jax.make_jaxpr(lambda x, kernel: winograd.conv(x, kernel, 2))(x, kernel)
    found = [e for e in jaxpr.jaxpr.eqns if e.primitive.name == "dot_general"]
    return sum(np.prod(e.outvars[0].aval.shape) * e.invars[0].aval.shape[1] for e in found)

  # By the definition: 16 · in products for each of 2 · 4 · 4 · out results.
  x, kernel = native_convolutions.draw((2, 8, 8, 3), (4, 4, 3, 5))
  assert products(x, kernel) == 9 / 16 * (16 * 3 * 2 * 4 * 4 * 5)


@pytest.mark.parametrize(
  ("smaller", "kernel", "stride", "expected"),
  [
    ((16, 12, 12), (4, 4, 256, 128), 2, True),  # 576 tiles: the paper's second doubling, batch 16
    ((16, 6, 6), (4, 4, 512, 256), 2, False),  # 144 tiles for a kernel of eight megabytes
    ((64, 6, 6), (4, 4, 512, 256), 2, True),  # the same layer at batch 64
    ((64, 3, 3), (4, 4, 256, 512), 2, False),  # odd
    ((64, 24, 24), (4, 4, 1, 64), 2, False),  # of one channel there is nothing to save
    ((64, 48, 48), (4, 4, 64, 32), 1, False),
    ((64, 24, 24), (5, 5, 64, 32), 2, False),
  ],
)
def test_it_is_taken_where_it_can_be_and_pays(smaller, kernel, stride, expected):
  assert winograd.pays(smaller, kernel, stride) is expected
