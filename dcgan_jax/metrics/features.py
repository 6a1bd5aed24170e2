"""Images to Inception features, in a stream of batches spread over the devices present."""

import hashlib
from collections.abc import Iterable, Iterator

import jax
import numpy as np

from dcgan_jax import parallel
from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.inception import FEATURES, Inception, variables
from dcgan_jax.metrics.resize import to_inception
from dcgan_jax.metrics.weight_files import InceptionTensors

# On CPU, four images' activations stay in the caches; and since every batch is made of fours, an
# image's features do not depend on how many are asked for at once. Accelerators want more at once.
_GROUP = {"cpu": 4}
_GROUP_ELSEWHERE = 64
_GROUPS_PER_CALL = 8


class Extractor:
  """Inception with its weights on the devices.

  Attributes:
    sha256: of the network's numbers, the same whichever file they came from.
    file_sha256: of that file.
    resize: the convention.
  """

  def __init__(self, tensors: InceptionTensors, resize: Resize = Resize.TENSORFLOW):
    """Takes weights as read from a file, and the convention of the resize."""
    self.sha256, self.file_sha256, self.resize = _hash(tensors), tensors.sha256, resize
    self._head = tensors.head
    self._group = _GROUP.get(jax.default_backend(), _GROUP_ELSEWHERE)
    self._variables = parallel.replicate(variables(tensors))
    self._mapped = parallel.map_batch(self._in_groups)

  @property
  def has_logits(self) -> bool:
    """Whether the weights' file holds the last layer, which the Inception Score needs."""
    return self._head is not None

  def batches(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Features of a stream of images, with memory for one call's worth.

    Args:
      images: batches, uint8 [any number, height, width, 1 or 3], of one size.

    Yields:
      float32 [n, 2048], in order; the batches' lengths are ours.

    Raises:
      ValueError: images that are not uint8: pixels must be rounded before they are judged.
    """
    whole = self._group * _GROUPS_PER_CALL * jax.local_device_count()
    for batch in _rebatched(images, whole):
      filled = np.concatenate([batch, np.repeat(batch[-1:], whole - len(batch), axis=0)])
      yield np.asarray(self._mapped(self._variables, filled))[: len(batch)]

  def features(self, images: np.ndarray) -> np.ndarray:
    """Features of images held in memory: uint8 [n, height, width, 1 or 3] to float32 [n, 2048]."""
    return np.concatenate([np.empty((0, FEATURES), np.float32), *self.batches([images])])

  def logits(self, features: np.ndarray) -> np.ndarray:
    """Float32 [n, 2048] to float32 [n, 1008], without the bias, as the Inception Score has it.

    Raises:
      ValueError: the file of the weights lacks the last layer.
    """
    if self._head is None:
      raise ValueError("these weights lack the last layer")
    return features @ self._head

  def _in_groups(self, weights: jax.Array, images: jax.Array) -> jax.Array:
    groups = images.reshape(-1, self._group, *images.shape[1:])

    def one(group: jax.Array) -> jax.Array:
      features: jax.Array = Inception().apply(weights, to_inception(group, self.resize))  # type: ignore[assignment, arg-type]
      return features

    return jax.lax.map(one, groups).reshape(len(images), -1)


def _hash(tensors: InceptionTensors) -> str:
  digest = hashlib.sha256()
  for convolution in tensors.convolutions:
    digest.update(np.ascontiguousarray(convolution.kernel).data)
    digest.update(np.ascontiguousarray(convolution.bias).data)
  return digest.hexdigest()


def _rebatched(batches: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
  """The same images in batches of `size`, the last one shorter."""
  pending: list[np.ndarray] = []
  count = 0
  for batch in batches:
    if batch.dtype != np.uint8:
      raise ValueError(f"expected uint8 images, got {batch.dtype}")
    pending.append(batch)
    count += len(batch)
    if count < size:
      continue
    joined = np.concatenate(pending)
    whole = count // size * size
    yield from np.split(joined[:whole], whole // size)
    pending, count = [joined[whole:]], count - whole
  if count:
    yield np.concatenate(pending)
