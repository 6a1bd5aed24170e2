"""What the data give to one update."""

from typing import Any, NamedTuple


class Batch(NamedTuple):
  """Images with their labels; stacks of batches have leading axes before both.

  Attributes:
    images: uint8 [..., n, height, width, channels].
    labels: int32 [..., n], an index into the set's class names, -1 where unlabelled.
  """

  images: Any  # of NumPy on the host, of JAX in the step
  labels: Any
