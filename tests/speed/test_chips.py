import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.speed.chips import SLICES, find_slice


def test_a_slice_is_found_by_its_name():
  assert find_slice("v2-8").devices == 8


@pytest.mark.parametrize("name", SLICES)
def test_the_number_of_devices_is_in_the_name(name):
  assert SLICES[name].devices == int(name.partition("-")[2])


def test_an_unknown_slice_is_told_with_those_there_are():
  with pytest.raises(UserError, match=r"--compile-for=v9-8: not one of v2-8, v3-8, v5e-1"):
    find_slice("v9-8")
