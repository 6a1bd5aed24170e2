"""A JAX program as the nodes of an ONNX graph.

The program is gone through once, operation by operation. What does not depend on its arguments (the
weights, turned or scaled) is computed here and now, and becomes a constant of the graph; all else
becomes nodes by the rules of onnx_operations.py.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jax.extend import core

from dcgan_jax.errors import UserError
from dcgan_jax.exporting.extra import needed


class Tensor(NamedTuple):
  """A value that is known only as the graph runs."""

  name: str


Value = Tensor | np.ndarray
# Of the graph, an equation of the program and the values it takes, at least one a Tensor.
Rule = Callable[["Graph", core.JaxprEqn, Sequence[Value]], Tensor]


class UnsupportedError(UserError):
  """An operation that there is no rule for."""

  def __init__(self, operation: str):
    """`operation` is its name, with what is special about it."""
    super().__init__(
      f"this model computes {operation}, for which the export to ONNX has no rule.\n"
      "Add one to dcgan_jax/exporting/onnx_operations.py, or choose another --format."
    )


def shape_of(atom: Any) -> tuple[Any, ...]:
  """Sizes of a program's variable or number; that of the batch is symbolic."""
  shape: tuple[Any, ...] = atom.aval.shape
  return shape


def _dtype_of(atom: Any) -> np.dtype:
  dtype: np.dtype = atom.aval.dtype
  return dtype


class Graph:
  """An ONNX graph as it grows.

  Attributes:
    nodes: NodeProtos, in an order in which they can be computed.
    constants: TensorProtos, which ONNX calls initializers.
  """

  def __init__(self) -> None:
    self._helper, self._numpy_helper = needed("onnx.helper"), needed("onnx.numpy_helper")
    self.nodes: list[Any] = []
    self.constants: list[Any] = []

  def add(self, operation: str, *inputs: Value, **attributes: Any) -> Tensor:
    """Adds a node.

    Args:
      operation: ONNX's name of it.
      *inputs: what it takes.
      **attributes: likewise.

    Returns:
      What it makes.
    """
    names = [one.name if isinstance(one, Tensor) else self._constant(one) for one in inputs]
    made = Tensor(f"{operation.lower()}_{len(self.nodes)}")
    node = self._helper.make_node(operation, names, [made.name], made.name, **attributes)
    self.nodes.append(node)
    return made

  def _constant(self, array: np.ndarray) -> str:
    name = f"constant_{len(self.constants)}"
    self.constants.append(self._numpy_helper.from_array(np.ascontiguousarray(array), name))
    return name


def lower(
  graph: Graph, program: core.ClosedJaxpr, arguments: Sequence[Value], rules: Mapping[str, Rule]
) -> list[Value]:
  """Adds a program to a graph.

  Args:
    graph: it grows.
    program: its sizes may be symbolic.
    arguments: of the program.
    rules: by names of JAX's operations.

  Returns:
    The program's results.

  Raises:
    UnsupportedError: an operation has no rule.
  """
  jaxpr = program.jaxpr
  values: dict[core.Var, Value] = {
    variable: np.asarray(array)
    for variable, array in zip(jaxpr.constvars, program.consts, strict=True)
  }
  values |= zip(jaxpr.invars, arguments, strict=True)

  def read(atom: Any) -> Value:  # a Var or a Literal
    if isinstance(atom, core.Literal):
      return np.asarray(atom.val, _dtype_of(atom))
    return values[atom]

  for equation in jaxpr.eqns:
    made = _lower_one(graph, equation, [read(atom) for atom in equation.invars], rules)
    values |= zip(equation.outvars, made, strict=True)
  return [read(atom) for atom in jaxpr.outvars]


def _lower_one(
  graph: Graph, equation: core.JaxprEqn, inputs: Sequence[Value], rules: Mapping[str, Rule]
) -> Sequence[Value]:
  name, params = equation.primitive.name, equation.params
  if name == "platform_index":  # an ONNX graph is for no platform in particular
    return [np.asarray(params["platforms"].index(None), np.int32)]
  is_known = not any(isinstance(one, Tensor) for one in inputs)
  if not is_known and (rule := rules.get(f"jit {params['name']}" if name == "jit" else name)):
    return [rule(graph, equation, inputs)]
  if name == "cond" and isinstance(inputs[0], np.ndarray):
    return lower(graph, params["branches"][int(inputs[0])], inputs[1:], rules)
  if inner := params.get("jaxpr") or params.get("call_jaxpr"):
    return lower(graph, inner, inputs, rules)
  if is_known and _is_of_fixed_sizes(equation):
    return _computed(equation, inputs)
  raise UnsupportedError(name)


def _is_of_fixed_sizes(equation: core.JaxprEqn) -> bool:
  """Whether the batch, which is not known, plays no part; what has no inputs may be its size."""
  sizes = [size for one in equation.outvars for size in shape_of(one)]
  return bool(equation.invars) and all(isinstance(size, int) for size in sizes)


def _computed(equation: core.JaxprEqn, inputs: Sequence[Value]) -> Sequence[Value]:
  made = equation.primitive.bind(*inputs, **equation.params)
  return [np.asarray(one) for one in (made if equation.primitive.multiple_results else [made])]
