"""An ONNX model in float16, of half the size.

Its inputs and outputs stay float32. So does what PixelNorm divides by: sums of squares are soon
more than float16's largest number, 65,504, and its epsilon, 1e-8, would be 0. onnxruntime's own
converter returns to float16 between any two nodes that are to stay in float32, overflows there, and
leaves the nodes in an order that ONNX's checker refuses.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dcgan_jax.exporting.extra import needed

Node = Any  # onnx.NodeProto


def to_float16(model: Any) -> Any:
  """A float16 variant.

  Args:
    model: an onnx.ModelProto as onnx_model.py makes it.

  Returns:
    Another ModelProto with the same inputs, outputs and metadata.
  """
  half = type(model)()
  half.CopyFrom(model)
  halving = _Halving(model.graph)
  for node in model.graph.node:
    halving.add(node)
  half.graph.ClearField("node")
  half.graph.ClearField("initializer")
  half.graph.node.extend(halving.nodes)
  half.graph.initializer.extend(halving.constants.values())
  return half


class _Halving:
  """The nodes and constants of the variant, as the original's nodes are gone through in order."""

  def __init__(self, graph: Any):
    onnx = needed("onnx")
    self._helper, self._numpy_helper = onnx.helper, onnx.numpy_helper
    self._float, self._float16 = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16
    self._wide = {node.name for node in _of_reciprocal_roots(graph.node)}
    self._weights = {constant.name: constant for constant in graph.initializer}
    self._types = {one.name: self._float for one in graph.input}
    self._outputs = {one.name for one in graph.output}
    self.nodes: list[Node] = []
    self.constants: dict[str, Any] = {}

  def add(self, node: Node) -> None:
    """Adds a node, and the casts that its inputs need."""
    dtype = (
      self._float if {node.name, *node.output} & (self._wide | self._outputs) else self._float16
    )
    inputs = [self._in(name, dtype) for name in node.input]
    self._types |= dict.fromkeys(node.output, dtype)
    made = type(node)()
    made.CopyFrom(node)
    made.input[:] = inputs
    self.nodes.append(made)

  def _in(self, name: str, dtype: int) -> str:
    """The name of a value in a type; what is no float stays what it is."""
    if name in self._weights:
      return self._constant(name, dtype)
    if self._types[name] == dtype:
      return name
    cast = f"{name}_as_{'float' if dtype == self._float else 'float16'}"
    if cast not in self._types:
      self.nodes.append(self._helper.make_node("Cast", [name], [cast], cast, to=dtype))
      self._types[cast] = dtype
    return cast

  def _constant(self, name: str, dtype: int) -> str:
    weight = self._weights[name]
    if dtype == self._float or weight.data_type != self._float:
      self.constants[name] = weight
      return name
    half = f"{name}_as_float16"
    if half not in self.constants:
      with np.errstate(over="ignore"):  # whoever runs the variant will see that it is infinite
        array = self._numpy_helper.to_array(weight).astype(np.float16)
      self.constants[half] = self._numpy_helper.from_array(array, half)
    return half


def _of_reciprocal_roots(nodes: Sequence[Node]) -> Iterator[Node]:
  """The nodes that make 1 / √(mean of squares), from the squares on."""
  makers = {name: node for node in nodes for name in node.output}
  waiting = [node for node in nodes if node.op_type == "Reciprocal"]
  while waiting:
    node = waiting.pop()
    yield node
    is_square = node.op_type == "Mul" and node.input[0] == node.input[1]
    if not is_square:
      waiting += [makers[name] for name in node.input if name in makers]
