import pytest

from dcgan_jax.config_files import reference
from dcgan_jax.speed.flops import step_flops


def paper(batch_size):
  config = reference()
  config.batch_size = batch_size
  return step_flops(config, (48, 48, 1), 0)


def test_the_papers_step_is_that_of_its_layers():
  # With all taps counted an image costs 2.294 GFLOP; those on padding, which XLA leaves out, are at
  # most a sixth of a 4-tap layer on 6 pixels each way.
  image = (paper(32) - paper(16)) / 16
  assert 0.8 * 2.294e9 < image < 2.294e9


def test_adam_and_the_average_are_counted_once_a_step():
  # The rest is what does not grow with the batch: some 20 operations on 7.6 million parameters.
  image = (paper(32) - paper(16)) / 16
  rest = paper(16) - 16 * image
  assert 10 * 7.6e6 < rest < 40 * 7.6e6


def test_native_convolutions_are_counted_whatever_computes_them(config):
  # Width 2 has a 32nd of the filters: at most a 32nd of the convolutions' work.
  assert step_flops(config, (48, 48, 1), 0) < paper(8) / 20
  assert step_flops(config, (48, 48, 1), 0) == pytest.approx(
    step_flops(config, (48, 48, 1), 7), rel=1e-6
  )
