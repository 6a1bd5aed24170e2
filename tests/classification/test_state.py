import jax
import numpy as np

from dcgan_jax.classification.recipe import make_optimizer
from dcgan_jax.classification.state import create_state, weights
from dcgan_jax.models.expression_classifier import ExpressionClassifier


def state(seed):
  return create_state(ExpressionClassifier(3, width=2), make_optimizer(8, 10), (16, 16, 1), seed)


def test_a_state_is_a_function_of_the_seed():
  jax.tree.map(np.testing.assert_array_equal, state(0), state(0))
  first, other = state(0).params["stem"]["kernel"], state(1).params["stem"]["kernel"]
  assert not np.array_equal(first, other)


def test_it_begins_at_step_0_and_its_weights_are_what_inference_needs():
  begun = state(0)
  assert begun.step == 0
  assert set(weights(begun)) == {"params", "batch_stats"}
