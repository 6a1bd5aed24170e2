"""Pickles of tensors, followed opcode by opcode and never run.

A pickle is a program: loading one calls whatever functions it names. Here its opcodes are only
read (`pickletools.genops`) and followed by a small machine that knows the few a state dict of
tensors needs. A function's name is compared with a short list, and never looked up or called.
"""

import io
import pickletools
from dataclasses import dataclass
from typing import Any

import numpy as np

_DTYPES: dict[str, np.dtype] = {
  "torch.FloatStorage": np.dtype("<f4"),
  "torch.LongStorage": np.dtype("<i8"),
}
_CALLABLES = (
  "collections.OrderedDict",
  "torch._utils._rebuild_tensor_v2",
  "torch._utils._rebuild_parameter",
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class RefusedError(Exception):
  """The file asks for more than a state dict of tensors needs."""


@dataclass(frozen=True)
class _Name:
  """A function or class that the pickle names; only ever compared."""

  dotted: str


@dataclass(frozen=True)
class Storage:
  """A run of `count` numbers, which tensors are views of."""

  key: str
  dtype: np.dtype
  count: int


@dataclass(frozen=True)
class Tensor:
  """A view of a storage; offset and strides count elements."""

  storage: Storage
  offset: int
  size: tuple[int, ...]
  stride: tuple[int, ...]


class PickleMachine:
  """Follows the opcodes of one pickle; the next one takes a machine of its own.

  Attributes:
    storages: every storage the pickle referred to, by key.
  """

  def __init__(self) -> None:
    self.storages: dict[str, Storage] = {}
    self._stack: list[Any] = []
    self._marks: list[int] = []  # the stack's height at each open MARK
    self._memo: dict[int, Any] = {}

  def run(self, stream: io.BytesIO) -> Any:
    """Reads up to and including STOP, and returns the object described.

    From memory, since pickletools asks for as many bytes as an opcode claims, and a file's read
    would set aside that much.

    Returns:
      None, bools, whole numbers, strings, tuples, lists and dicts of those, and a `Tensor` where
      loading would rebuild one.

    Raises:
      RefusedError: an opcode, a function or a class that no state dict needs.
      ValueError: opcodes that are cut short or do not fit together; KeyError: they recall what
        they never kept.
    """
    for opcode, argument, _ in pickletools.genops(stream):
      if opcode.name != "STOP":
        self._step(opcode.name, argument)
    return self._pop()

  def _step(self, opcode: str, argument: Any) -> None:
    push = self._stack.append
    match opcode:
      case "PROTO":
        pass
      case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINUNICODE":
        push(argument)
      case "NONE" | "NEWTRUE" | "NEWFALSE" | "EMPTY_TUPLE":
        push(_CONSTANTS[opcode])
      case "EMPTY_DICT":
        push({})
      case "EMPTY_LIST":
        push([])
      case "MARK":
        self._marks.append(len(self._stack))
      case "TUPLE":
        push(tuple(self._pop_to_mark()))
      case "TUPLE1" | "TUPLE2" | "TUPLE3":
        push(tuple(self._pop_many(int(opcode[-1]))))
      case "BINPUT" | "LONG_BINPUT":
        self._memo[argument] = self._top(object)
      case "BINGET" | "LONG_BINGET":
        push(self._memo[argument])
      case "APPEND":
        self._append([self._pop()])
      case "APPENDS":
        self._append(self._pop_to_mark())
      case "SETITEM":
        self._set_items(self._pop_many(2))
      case "SETITEMS":
        self._set_items(self._pop_to_mark())
      case "GLOBAL":
        push(_admit(argument.replace(" ", ".", 1)))
      case "BINPERSID":
        push(self._storage(self._pop()))
      case "REDUCE":
        push(_result(*self._pop_many(2)))
      case "BUILD":
        self._ignore_metadata(self._pop())
      case _:
        raise RefusedError(f"its pickle uses {opcode} {shortened(argument)}, as no state dict does")

  def _top(self, kind: type) -> Any:
    floor = self._marks[-1] if self._marks else 0
    if len(self._stack) <= floor or not isinstance(self._stack[-1], kind):
      raise ValueError(f"its pickle lacks a {kind.__name__} where it uses one")
    return self._stack[-1]

  def _pop(self) -> Any:
    self._top(object)
    return self._stack.pop()

  def _pop_many(self, count: int) -> list[Any]:
    return [self._pop() for _ in range(count)][::-1]

  def _pop_to_mark(self) -> list[Any]:
    if not self._marks:
      raise ValueError("its pickle closes a group that it did not open")
    start = self._marks.pop()
    values = self._stack[start:]
    del self._stack[start:]
    return values

  def _append(self, values: list[Any]) -> None:
    self._top(list).extend(values)

  def _set_items(self, values: list[Any]) -> None:
    target = self._top(dict)
    for key, value in zip(values[::2], values[1::2], strict=True):
      if not isinstance(key, str):
        raise RefusedError(f"a key of type {type(key).__name__} where a state dict has names")
      target[key] = value

  def _ignore_metadata(self, state: Any) -> None:
    """BUILD sets attributes; a state dict's only one holds its modules' version numbers."""
    self._top(dict)
    if not isinstance(state, dict) or set(state) != {"_metadata"}:
      raise RefusedError("its pickle sets attributes beyond a state dict's _metadata")

  def _storage(self, reference: Any) -> Storage:
    """A persistent id: ("storage", class, key, device, count) and, in the older format, None."""
    match reference:
      case ("storage", _Name(dotted), str(key), str(), int(count), *view):
        dtype = _DTYPES.get(dotted)
        if dtype is None or view not in ([], [None]):
          raise RefusedError(f"its storage {shortened(key)} is of a kind that is not read here")
      case _:
        raise RefusedError("its pickle refers to something other than a tensor's storage")
    storage = Storage(key, dtype, count)
    if self.storages.setdefault(key, storage) != storage:
      raise ValueError(f"storage {shortened(key)} is described in two ways")
    return storage


def _admit(dotted: str) -> _Name:
  if dotted not in _DTYPES and dotted not in _CALLABLES:
    raise RefusedError(f"loading it would execute {shortened(dotted)}, which no state dict needs")
  return _Name(dotted)


def _result(function: Any, arguments: Any) -> Any:
  """What a call of an admitted function would return; the function itself is not touched."""
  match function, arguments:
    case _Name("collections.OrderedDict"), ():
      return {}
    case _Name("torch._utils._rebuild_parameter"), (Tensor() as tensor, *_):
      return tensor
    case (
      _Name("torch._utils._rebuild_tensor_v2"),
      (Storage() as storage, offset, tuple(size), tuple(stride), *_),
    ) if len(size) == len(stride):
      if any(type(n) is not int or n < 0 for n in (offset, *size, *stride)):
        raise ValueError("a tensor's offset, size or stride is not a whole number")
      return Tensor(storage, offset, size, stride)
  raise RefusedError("its pickle makes a call that no state dict makes")


def shortened(value: Any) -> str:
  """For messages: a damaged file may hold a name of a megabyte, or a terminal's control codes."""
  text = value if isinstance(value, str) and value.isprintable() else repr(value)
  return text if len(text) <= 80 else f"{text[:80]}…"
