"""The opcodes of PyTorch's pickles, to put files together without PyTorch."""

import struct

ORDERED_DICT = b"ccollections\nOrderedDict\n)R"
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"


def text(value):
  return b"X" + struct.pack("<I", len(value)) + value.encode()


def integer(value):
  return b"J" + struct.pack("<i", value)


def group(*items):
  return b"(" + b"".join(items) + b"t"


def storage(key, kind, count, *view):
  return group(text("storage"), f"ctorch\n{kind}\n".encode(), text(key), text("cpu"), count, *view)


def tensor(reference, offset, size, stride):
  return (
    REBUILD
    + group(
      reference + b"Q",
      integer(offset),
      group(*map(integer, size)),
      group(*map(integer, stride)),
      b"\x89",
      ORDERED_DICT,
    )
    + b"R"
  )
