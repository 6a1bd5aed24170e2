import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from dcgan_jax.exporting.onnx_graph import Graph, Tensor, UnsupportedError, lower
from dcgan_jax.exporting.onnx_operations import RULES
from dcgan_jax.models import convolutions


def lowered(function, *shapes):
  """The graph of a function of float32 arrays, and its results."""
  (batch,) = jax.export.symbolic_shape("batch")
  arguments = [jax.ShapeDtypeStruct((batch, *shape), jnp.float32) for shape in shapes]
  graph = Graph()
  names = [Tensor(f"x{i}") for i in range(len(shapes))]
  return graph, lower(graph, jax.make_jaxpr(function)(*arguments), names, RULES)


def operations(graph):
  return [node.op_type for node in graph.nodes]


def test_what_depends_on_no_argument_becomes_one_constant():
  weights = jnp.arange(6.0)

  def function(x):
    return x * lax.rsqrt(weights + 1.0)

  graph, _ = lowered(function, (6,))
  assert operations(graph) == ["Mul"]
  (constant,) = graph.constants
  from onnx import numpy_helper

  # 1 / √(i + 1)
  expected = 1 / np.sqrt(np.arange(1, 7, dtype=np.float32)).reshape(1, 6)
  np.testing.assert_allclose(numpy_helper.to_array(constant), expected, rtol=1e-6)


def test_an_operation_without_a_rule_is_named():
  with pytest.raises(UnsupportedError, match=r"computes cumsum, for which .* no rule"):
    lowered(lambda x: jnp.cumsum(x, axis=1), (6,))


def test_a_constant_of_the_batchs_size_is_refused():
  with pytest.raises(UnsupportedError, match="broadcast_in_dim"):
    lowered(lambda x: x + jnp.ones(x.shape), (6,))


def test_of_the_platforms_forms_the_one_for_all_others_is_taken():
  kernel = jnp.ones((4, 4, 3, 2))
  graph, _ = lowered(lambda x: convolutions.conv_transpose(x, kernel, 2), (6, 6, 3))
  # The CPU's form is one of matmuls.
  assert operations(graph) == ["Transpose", "ConvTranspose", "Transpose"]


def test_functions_within_functions_are_gone_through():
  graph, (result,) = lowered(jax.jit(lambda x: jax.jit(jnp.tanh)(x) + x), (6,))
  assert operations(graph) == ["Tanh", "Add"]
  assert result.name == graph.nodes[-1].output[0]


def test_an_argument_may_be_a_result():
  assert lowered(lambda x, y: (y, x), (6,), (3,))[1] == [Tensor("x1"), Tensor("x0")]
