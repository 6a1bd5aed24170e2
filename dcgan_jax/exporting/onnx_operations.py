"""How each of JAX's operations is written as ONNX, for those that the generators are made of.

Images are [batch, height, width, channels] here, and ONNX's convolutions take [batch, channels,
height, width]: they stand between transpositions, most of which runtimes take out again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jax.extend import core

from dcgan_jax.exporting.onnx_graph import Graph, Rule, Tensor, UnsupportedError, Value, shape_of


def _elementwise(operation: str) -> Rule:
  """An operation that broadcasts axes of size 1, in JAX as in ONNX."""

  def rule(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
    return graph.add(operation, *inputs)

  return rule


def _square(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  (x,) = inputs
  return graph.add("Mul", x, x)


def _rsqrt(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  return graph.add("Reciprocal", graph.add("Sqrt", *inputs))


def _leaky_relu(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  x, slope = inputs
  if isinstance(slope, Tensor):
    raise UnsupportedError("leaky_relu of a slope that depends on the input")
  return graph.add("LeakyRelu", x, alpha=float(slope))


def _reshape(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  return _reshaped(graph, inputs[0], shape_of(equation.outvars[0]))


def _reshaped(graph: Graph, x: Value, shape: Sequence[Any]) -> Tensor:
  """The value in another shape, whose first size may be symbolic where it was so before."""
  # 0 keeps a size as it is, whatever it is.
  sizes = [size if isinstance(size, int) else 0 for size in shape]
  if 0 in sizes[1:]:
    raise UnsupportedError("a reshape that moves the batch to another axis")
  return graph.add("Reshape", x, np.asarray(sizes, np.int64))


def _broadcast_in_dim(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  kept, made = equation.params["broadcast_dimensions"], shape_of(equation.outvars[0])
  new = [axis for axis in range(len(made)) if axis not in kept]
  is_grown = tuple(made[axis] for axis in kept) != shape_of(equation.invars[0])
  if is_grown or any(made[axis] != 1 for axis in new):
    raise UnsupportedError("a broadcast to other sizes than 1")  # arithmetic needs none
  return graph.add("Unsqueeze", inputs[0], np.asarray(new, np.int64))


def _reduce_sum(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  axes = np.asarray(equation.params["axes"], np.int64)
  return graph.add("ReduceSum", inputs[0], axes, keepdims=0)


def _concatenate(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  return graph.add("Concat", *inputs, axis=equation.params["dimension"])


def _dot_general(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  """[batch, n] times weights of any shape, in which n is one axis."""
  x, weights = inputs
  (of_x, of_weights), batches = equation.params["dimension_numbers"]
  of_a_layer = tuple(of_x) == (1,) and len(shape_of(equation.invars[0])) == 2
  if isinstance(weights, Tensor) or not of_a_layer or any(batches):
    raise UnsupportedError("dot_general of anything but a layer's input and its weights")
  first = np.moveaxis(weights, of_weights[0], 0)
  product = graph.add("MatMul", x, first.reshape(len(first), -1))
  return product if first.ndim == 2 else _reshaped(graph, product, shape_of(equation.outvars[0]))


def _conv_general_dilated(graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value]) -> Tensor:
  (x, kernel), params = inputs, equation.params
  if isinstance(kernel, Tensor):
    raise UnsupportedError("a convolution whose kernel depends on the input")
  if params["batch_group_count"] != 1 or params["feature_group_count"] != 1:
    raise UnsupportedError("a convolution in groups")
  layout = params["dimension_numbers"]
  x = graph.add("Transpose", x, perm=layout.lhs_spec)
  kernel = kernel.transpose(layout.rhs_spec)  # [out, in, height, width]
  form = _convolution if set(params["lhs_dilation"]) == {1} else _transposed_convolution
  y = form(graph, x, kernel, params)
  return graph.add("Transpose", y, perm=np.argsort(layout.out_spec).tolist())


def _convolution(graph: Graph, x: Tensor, kernel: np.ndarray, params: Mapping[str, Any]) -> Tensor:
  return graph.add(
    "Conv",
    x,
    kernel,
    strides=params["window_strides"],
    dilations=params["rhs_dilation"],
    pads=_pads(params["padding"]),
  )


def _transposed_convolution(
  graph: Graph, x: Tensor, kernel: np.ndarray, params: Mapping[str, Any]
) -> Tensor:
  """A convolution of images with zeros between their pixels.

  ONNX defines it as what a convolution's gradient is: the kernel is turned by 180°, its pads are
  what is cut off the whole result.
  """
  if {*params["window_strides"], *params["rhs_dilation"]} != {1}:
    raise UnsupportedError("a convolution that is dilated in more than one way")
  cut = [
    (taps - 1 - low, taps - 1 - high)
    for taps, (low, high) in zip(kernel.shape[2:], params["padding"], strict=True)
  ]
  if min(min(pair) for pair in cut) < 0:
    raise UnsupportedError("a transposed convolution with zeros around its result")
  turned = kernel[:, :, ::-1, ::-1].swapaxes(0, 1)
  return graph.add("ConvTranspose", x, turned, strides=params["lhs_dilation"], pads=_pads(cut))


def _pads(padding: Sequence[tuple[int, int]]) -> list[int]:
  """ONNX's order: where each axis begins, then where each ends."""
  return [low for low, _ in padding] + [high for _, high in padding]


RULES: dict[str, Rule] = {
  "add": _elementwise("Add"),
  "sub": _elementwise("Sub"),
  "mul": _elementwise("Mul"),
  "div": _elementwise("Div"),
  "tanh": _elementwise("Tanh"),
  "square": _square,
  "rsqrt": _rsqrt,
  "jit relu": _elementwise("Relu"),
  "jit leaky_relu": _leaky_relu,  # of primitives it would be three passes over the images
  "reshape": _reshape,
  "broadcast_in_dim": _broadcast_in_dim,
  "reduce_sum": _reduce_sum,
  "concatenate": _concatenate,
  "dot_general": _dot_general,
  "conv_general_dilated": _conv_general_dilated,
}
