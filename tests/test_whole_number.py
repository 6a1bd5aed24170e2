import argparse

import pytest

from dcgan_jax.whole_number import seed, whole_number


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("12", 12), ("007", 7)])
def test_digits_are_a_number(text, number):
  assert whole_number(1, 12)(text) == number


@pytest.mark.parametrize("text", ["0", "13", "-1", "+1", "1.0", " 1", "1_0", "x", "", "9" * 5000])
def test_anything_else_is_refused_with_the_range(text):
  with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number from 1 to 12"):
    whole_number(1, 12)(text)


def test_a_seed_is_from_0_to_what_31_bits_hold():
  assert (seed("0"), seed("2147483647")) == (0, 2**31 - 1)
  with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 2147483647"):
    seed("2147483648")
