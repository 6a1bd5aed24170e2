"""A trained classifier: images in, a probability for each class out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax import parallel
from dcgan_jax.classification.state import ClassifierState, weights
from dcgan_jax.digest import hash_arrays
from dcgan_jax.models.expression_classifier import ExpressionClassifier
from dcgan_jax.models.precision import computing_in
from dcgan_jax.pixels import to_pixels
from dcgan_jax.waiting import counted

PyTree = Any

_PER_DEVICE = 64  # images in a call: every batch is filled up to it, so that one shape compiles


class TrainingSet(NamedTuple):
  """The images that a classifier has learnt."""

  name: str  # of the prepared set whose train split they are; '' for images in memory
  fingerprint: str  # see `dcgan_jax.data.fingerprint`
  num_images: int


@dataclass(frozen=True, eq=False)
class Classifier:
  """A network with its weights, and what is known of them.

  Attributes:
    network: the architecture, as for a single device.
    weights: {"params", "batch_stats"}.
    class_names: by label.
    image_shape: height, width, channels.
    trained_on: what it has learnt.
    sha256: of the weights; names the classifier in a score.
    held_out_confusion: int64 [true, predicted] on the held-out images of its result.json, without
      exact copies of what it has learnt; None for one trained in memory.
    held_out_images: which those are, for people; '' likewise.
  """

  network: ExpressionClassifier
  weights: PyTree
  class_names: tuple[str, ...]
  image_shape: tuple[int, int, int]
  trained_on: TrainingSet
  sha256: str
  held_out_confusion: np.ndarray | None = None
  held_out_images: str = ""

  def probabilities(self, images: np.ndarray) -> np.ndarray:
    """What the classifier believes of each image, with memory for one batch at a time.

    Each is the mean of the probabilities of the image and of its mirror image, which shows the
    same expression.

    Args:
      images: uint8 [n, height, width, channels] of the shape it was trained on.

    Returns:
      float32 [n, classes], rows that add up to 1.

    Raises:
      ValueError: images of another shape or type.
    """
    if images.dtype != np.uint8 or images.shape[1:] != self.image_shape:
      raise ValueError(
        f"expected uint8 images of {self.image_shape}, got {images.dtype} {images.shape[1:]}"
      )
    size = _PER_DEVICE * jax.local_device_count()
    found = [np.empty((0, len(self.class_names)), np.float32)]
    batches = (images[first : first + size] for first in range(0, len(images), size))
    for batch in counted(batches, "classifying", " images", len(images), size=len, delay=0):
      filled = np.concatenate([batch, np.repeat(batch[-1:], size - len(batch), axis=0)])
      found.append(np.asarray(self._predict(self._replicated, filled))[: len(batch)])
    return np.concatenate(found)

  @cached_property
  def _replicated(self) -> PyTree:
    return parallel.replicate(self.weights)

  @cached_property
  def _predict(self) -> Any:
    return parallel.map_batch(partial(_mirrored_mean, self.network))


def make_classifier(
  network: ExpressionClassifier,
  state: ClassifierState,
  class_names: Sequence[str],
  image_shape: Sequence[int],
  trained_on: TrainingSet,
) -> Classifier:
  """The classifier of a training's state, not scored yet."""
  height, width, channels = image_shape
  host = jax.device_get(weights(state))
  return Classifier(
    network, host, tuple(class_names), (height, width, channels), trained_on, hash_arrays(host)
  )


def _mirrored_mean(
  network: ExpressionClassifier, variables: PyTree, images: jax.Array
) -> jax.Array:
  """uint8 [n, height, width, channels] to float32 [n, classes]."""
  pixels = to_pixels(images)
  both = jnp.concatenate([pixels, pixels[:, :, ::-1]])
  with computing_in("float32"):  # scores are compared, whatever JAX's setting
    logits: Any = network.apply(variables, both, train=False)
  return jnp.mean(jax.nn.softmax(logits).reshape(2, len(images), -1), axis=0)
