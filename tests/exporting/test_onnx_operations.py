import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime
import pytest
from jax import lax

from dcgan_jax.exporting.onnx_graph import Graph, Tensor, UnsupportedError, lower
from dcgan_jax.exporting.onnx_operations import RULES
from dcgan_jax.models.layers import leaky_relu, pixel_norm

RNG = np.random.default_rng(0)
LAYOUT = ("NHWC", "HWIO", "NHWC")


def run_as_onnx(function, x):
  """The function in onnxruntime, traced for any batch."""
  (batch,) = jax.export.symbolic_shape("batch")
  program = jax.make_jaxpr(function)(jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype))
  graph = Graph()
  (result,) = lower(graph, program, [Tensor("x")], RULES)
  float32, sizes = onnx.TensorProto.FLOAT, ["batch", *x.shape[1:]]
  described = [onnx.helper.make_tensor_value_info("x", float32, sizes)]
  made_sizes = [str(size) for size in program.out_avals[0].shape]
  results = [onnx.helper.make_tensor_value_info(result.name, float32, made_sizes)]
  made = onnx.helper.make_graph(graph.nodes, "test", described, results, graph.constants)
  opset = [onnx.helper.make_opsetid("", 17)]
  model = onnx.helper.make_model(made, opset_imports=opset, ir_version=8)
  onnx.checker.check_model(model, full_check=True)
  session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
  )
  return session.run(None, {"x": x})[0]


def assert_as_in_jax(function, *shape):
  x = RNG.normal(size=shape).astype(np.float32)
  np.testing.assert_allclose(run_as_onnx(function, x), function(x), rtol=1e-5, atol=1e-5)


def kernel_of(*shape):
  return jnp.asarray(RNG.normal(size=shape), jnp.float32)


@pytest.mark.parametrize(
  ("taps", "stride"), [(4, 2), (5, 2), (3, 2), (2, 2), (5, 3), (4, 1), (5, 1), (12, 1)]
)
@pytest.mark.parametrize("size", [6, 7])
def test_transposed_convolutions(taps, stride, size):
  kernel = kernel_of(taps, taps, 3, 2)

  def function(x):
    return lax.conv_transpose(x, kernel, (stride, stride), "SAME", dimension_numbers=LAYOUT)

  assert_as_in_jax(function, 2, size, size, 3)


@pytest.mark.parametrize(("taps", "stride", "dilation"), [(4, 2, 1), (3, 1, 1), (3, 1, 2)])
def test_convolutions(taps, stride, dilation):
  kernel = kernel_of(taps, taps, 3, 2)

  def function(x):
    return lax.conv_general_dilated(
      x, kernel, (stride, stride), "SAME", None, (dilation, dilation), LAYOUT
    )

  assert_as_in_jax(function, 2, 7, 8, 3)


def test_arithmetic_broadcasts():
  row = kernel_of(1, 4)
  assert_as_in_jax(lambda x: (x + row) * (x - 2.0) / (row * row + 1.0), 3, 4)


def test_activations():
  for activation in (jnp.tanh, nn.relu, leaky_relu):
    assert_as_in_jax(activation, 3, 40)


def test_pixel_norm():
  assert_as_in_jax(pixel_norm, 3, 2, 2, 5)


def test_a_layer_whose_weights_have_more_axes():
  kernel = kernel_of(3, 2, 5, 4)
  assert_as_in_jax(lambda x: jnp.einsum("bi,hwio->bhwo", x, kernel), 2, 5)


def test_reshapes_and_concatenations():
  assert_as_in_jax(lambda x: jnp.concatenate([x, x * 2.0], 1).reshape(-1, 2, 6), 3, 6)


@pytest.mark.parametrize(
  ("function", "what"),
  [
    (lambda x: lax.broadcast_in_dim(x, (*x.shape, 3), (0, 1, 2, 3)), "a broadcast to other sizes"),
    (lambda x: jnp.einsum("bhwi,io->bhwo", x, jnp.ones((2, 3))), "dot_general of anything but"),
    (lambda x: x.reshape(4, -1, 8), "a reshape that moves the batch"),
    (lambda x: nn.leaky_relu(x, jnp.sum(x)), "a slope that depends"),
  ],
)
def test_what_has_no_rule_is_refused(function, what):
  with pytest.raises(UnsupportedError, match=what):
    run_as_onnx(function, np.zeros((2, 4, 4, 2), np.float32))


@pytest.mark.parametrize(
  ("arguments", "what"),
  [
    ({"feature_group_count": 2}, "in groups"),
    ({"lhs_dilation": (2, 2), "rhs_dilation": (2, 2)}, "dilated in more than one way"),
    ({"lhs_dilation": (2, 2), "padding": [(9, 9), (9, 9)]}, "with zeros around"),
  ],
)
def test_convolutions_that_have_no_rule_are_refused(arguments, what):
  channels = 2 // arguments.get("feature_group_count", 1)
  given = {"window_strides": (1, 1), "padding": [(1, 1), (1, 1)], "dimension_numbers": LAYOUT}

  def function(x):
    return lax.conv_general_dilated(x, jnp.ones((3, 3, channels, 2)), **given | arguments)

  with pytest.raises(UnsupportedError, match=what):
    run_as_onnx(function, np.zeros((2, 4, 4, 2), np.float32))
