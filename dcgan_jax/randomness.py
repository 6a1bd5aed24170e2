"""Every random number on the device derives from (seed, stream, step), and from nothing else."""

import enum

import jax


class Stream(enum.IntEnum):
  """Independent uses of one seed; without it, step 0's latents would reuse the first key."""

  INITIALISATION = 0
  TRAINING_LATENTS = 1
  SAMPLES = 2
  FAKE_CLASSES = 3
  SAMPLE_CLASSES = 4
  DROPOUT = 5
  AUGMENTATION = 6
  PENALTY = 7
  STATISTICS = 8


def stream_key(seed: int, stream: Stream, step: jax.Array | int = 0) -> jax.Array:
  """The PRNG key of one use at one step.

  Args:
    seed: config.seed, or a sampling command's --seed; 0 <= seed < 2**32.
    stream: what the numbers are for.
    step: int scalar (may be traced), completed updates or the index of a sample.
  """
  return jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), stream), step)
