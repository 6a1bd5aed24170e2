import itertools

import jax
import numpy as np

from dcgan_jax.randomness import Stream, stream_key


def test_no_two_of_seed_stream_and_step_share_a_key():
  keys = [
    tuple(np.asarray(jax.random.key_data(stream_key(seed, stream, step))).tolist())
    for seed, stream, step in itertools.product(range(4), Stream, range(4))
  ]
  assert len(set(keys)) == len(keys)


def test_a_traced_step_gives_the_key_of_the_plain_one():
  traced = jax.jit(lambda step: jax.random.key_data(stream_key(1, Stream.SAMPLES, step)))(5)
  plain = jax.random.key_data(stream_key(1, Stream.SAMPLES, 5))
  np.testing.assert_array_equal(traced, plain)
