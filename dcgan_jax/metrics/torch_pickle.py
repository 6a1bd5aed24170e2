"""PyTorch's saved state dicts, read without PyTorch and without running what is in them.

Their pickles go through `pickle_machine`, which calls nothing.

Two formats, both of pickle protocol 2, as `torch/serialization.py` writes them: since 1.6 a zip
with the pickle in `data.pkl` and one entry per storage; before that five pickles in a row (magic
number, version, system, the object, its storages' keys) and then the storages.
"""

import io
import math
import pathlib
import struct
import zipfile

import numpy as np

from dcgan_jax.errors import UserError
from dcgan_jax.metrics.pickle_machine import PickleMachine, RefusedError, Storage, Tensor, shortened

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_VERSION = 1001
# What zipfile, struct, NumPy, the pickle machine and this module itself raise on damaged bytes.
_DAMAGED = (
  ValueError,
  KeyError,
  EOFError,
  OverflowError,
  RuntimeError,
  struct.error,
  zipfile.BadZipFile,
)


def read_state_dict(path: pathlib.Path) -> dict[str, np.ndarray]:
  """Reads what `torch.save(module.state_dict(), path)` wrote, in either of its formats.

  Returns:
    Each tensor by its name, float32 or int64, C-contiguous, in the file's order.

  Raises:
    UserError: the file would run something other than rebuilding tensors, holds something other
      than float32 and int64 tensors, is damaged or cut short, or cannot be read.
  """
  try:
    data = path.read_bytes()
    tensors, numbers = (_read_zip if data[:2] == b"PK" else _read_legacy)(data)
    return {name: _view(name, one, numbers[one.storage.key]) for name, one in tensors.items()}
  except RefusedError as refusal:
    raise UserError(f"{path}: refused: {refusal}. Nothing of it was run.") from refusal
  except _DAMAGED as error:
    raise UserError(f"{path}: not a PyTorch state dict, or damaged: {error}") from error
  except OSError as error:
    raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _read_zip(data: bytes) -> tuple[dict[str, Tensor], dict[str, np.ndarray]]:
  with zipfile.ZipFile(io.BytesIO(data)) as archive:
    entries = {entry.filename: entry for entry in archive.infolist()}
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
      raise ValueError("a compressed zip, which PyTorch never writes")
    pickles = [name for name in entries if name.endswith("/data.pkl")]
    if len(pickles) != 1:
      raise ValueError(f"a zip with {len(pickles)} entries named data.pkl, expected one")
    folder = pickles[0].removesuffix("data.pkl")
    if f"{folder}byteorder" in entries and archive.read(f"{folder}byteorder") != b"little":
      raise ValueError("its numbers are not little-endian")
    tensors, storages = _read_tensors(io.BytesIO(archive.read(pickles[0])))
    return tensors, {
      key: _numbers(one, archive.read(f"{folder}data/{key}")) for key, one in storages.items()
    }


def _read_legacy(data: bytes) -> tuple[dict[str, Tensor], dict[str, np.ndarray]]:
  file = io.BytesIO(data)
  if PickleMachine().run(file) != _LEGACY_MAGIC or PickleMachine().run(file) != _LEGACY_VERSION:
    raise ValueError("a pickle that does not begin as PyTorch's do")
  system = PickleMachine().run(file)
  if not isinstance(system, dict) or system.get("little_endian") is not True:
    raise ValueError("its numbers are not little-endian")
  tensors, storages = _read_tensors(file)
  keys = PickleMachine().run(file)
  if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
    raise ValueError("its list of storages is no list of keys")
  if set(keys) != set(storages):
    raise ValueError("its list of storages does not match its tensors")
  numbers = {}
  for key in keys:
    (count,) = struct.unpack("<q", file.read(8))
    size, left = count * storages[key].dtype.itemsize, len(data) - file.tell()
    if not 0 <= size <= left:
      raise ValueError(f"cut short: a storage of {size:,} bytes where {left:,} are left")
    numbers[key] = _numbers(storages[key], file.read(size))
  return tensors, numbers


def _read_tensors(stream: io.BytesIO) -> tuple[dict[str, Tensor], dict[str, Storage]]:
  machine = PickleMachine()
  tensors = machine.run(stream)
  if not isinstance(tensors, dict):
    raise RefusedError("it holds something other than a dict of tensors")
  for name, entry in tensors.items():
    if not isinstance(entry, Tensor):
      raise RefusedError(f"its entry {shortened(name)} is no tensor")
  return tensors, machine.storages


def _numbers(storage: Storage, data: bytes) -> np.ndarray:
  if len(data) != storage.count * storage.dtype.itemsize:
    raise ValueError(
      f"storage {shortened(storage.key)} has {len(data):,} bytes, "
      f"expected {storage.count:,} numbers of {storage.dtype.itemsize} bytes"
    )
  return np.frombuffer(data, storage.dtype)


def _view(name: str, tensor: Tensor, numbers: np.ndarray) -> np.ndarray:
  """The tensor as an array of its own; as_strided would read any memory, hence the checks."""
  size, stride, native = tensor.size, tensor.stride, numbers.dtype.newbyteorder("=")
  if 0 in size:
    return np.zeros(size, native)
  last = tensor.offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
  if last >= len(numbers):
    raise ValueError(f"{shortened(name)} reaches element {last:,} of a storage of {len(numbers):,}")
  if math.prod(size) > len(numbers):
    raise ValueError(f"{shortened(name)} repeats its numbers; save it after .contiguous()")
  strides = [step * numbers.itemsize for step in stride]
  view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], size, strides, writeable=False)
  return np.array(view, native, order="C")
