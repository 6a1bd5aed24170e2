import jax
import numpy as np

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.program import make_program

SHAPE = (48, 48, 1)


def test_a_program_trains_what_the_config_says(config):
  program = make_program(config, SHAPE, 0)
  state = parallel.replicate(program.initial_state())
  images = np.random.default_rng(0).integers(0, 256, (2, 8, *SHAPE), np.uint8)
  batches = Batch(images, np.zeros((2, 8), np.int32))
  with jax.transfer_guard("disallow"):  # what the dispatch brings, it brings explicitly
    state, metrics = program.update(state, None, batches, 2)
  assert int(state.step) == 2
  assert all(np.isfinite(value) for value in jax.tree.leaves(metrics))


def test_a_program_can_be_compiled_for_shapes_alone(config):
  program = make_program(config, SHAPE, 0)
  state = jax.eval_shape(program.initial_state)
  picks = jax.ShapeDtypeStruct((4, 8), np.int32)
  source = Batch(jax.ShapeDtypeStruct((20, 2304), np.uint8), jax.ShapeDtypeStruct((20,), np.int32))
  lowered = program.update.lower(state, source, picks)
  assert "ui8" in lowered.as_text()  # the data set is an argument


def test_one_device_averages_over_nobody(config):
  program = make_program(config, SHAPE, 0, jax.devices()[:1])
  state = jax.eval_shape(program.initial_state)
  batch = Batch(
    jax.ShapeDtypeStruct((1, 8, *SHAPE), np.uint8), jax.ShapeDtypeStruct((1, 8), np.int32)
  )
  assert "all_reduce" not in program.update.lower(state, None, batch).as_text()
