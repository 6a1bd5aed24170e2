"""What stands for Inception where a test is not about it: a fixed random projection of pixels."""

from collections.abc import Iterable, Iterator

import numpy as np

from dcgan_jax.metrics.convention import Resize


class FakeExtractor:
  """Features of any width at no cost; counts the images it was given."""

  def __init__(self, width: int = 8, sha256: str = "fake", has_logits: bool = True):
    self.sha256 = self.file_sha256 = sha256
    self.resize, self.has_logits = Resize.TENSORFLOW, has_logits
    self.images_seen = 0
    self._width = width

  def batches(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """float32 [n, width] of uint8 [n, ...], batch by batch."""
    for batch in images:
      assert batch.dtype == np.uint8
      self.images_seen += len(batch)
      pixels = batch.reshape(len(batch), -1) / np.float32(255)
      projection = np.random.default_rng(0).normal(size=(pixels.shape[1], self._width))
      yield (pixels @ projection).astype(np.float32)

  def logits(self, features: np.ndarray) -> np.ndarray:
    """float32 [n, 3]."""
    return features[:, :3]


class BrokenExtractor(FakeExtractor):
  """The same, for where nothing may be computed any more."""

  def batches(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    raise AssertionError("features were computed again")
