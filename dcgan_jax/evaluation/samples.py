"""The images that are judged: drawn from a checkpoint, or found in a folder."""

import dataclasses
import pathlib
from functools import cached_property

import numpy as np

from dcgan_jax.data.image_folder import load_images
from dcgan_jax.drawing import draw_images, labels_asked, usual_inputs
from dcgan_jax.evaluation.progress import progress
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.trained import TrainedGenerator


@dataclasses.dataclass
class Samples:
  """Images to judge, and their features where somebody asks for them.

  Attributes:
    description: for people.
    images: uint8 [n, height, width, channels], in random order: any first few stand for all.
    labels: int32 [n], an index into class_names; -1 where there is no class.
    class_names: by label.
    extractor: None without weights.
    fingerprint: of images and labels, where they come from a folder.
    part_of: what these are the first images of.
    taught_by: the SHA-256 of the classifier whose features judged the generator, if any did.
  """

  description: str
  images: np.ndarray
  labels: np.ndarray
  class_names: tuple[str, ...]
  extractor: Extractor | None
  fingerprint: str = ""
  part_of: "Samples | None" = None
  taught_by: str | None = None

  def __len__(self) -> int:
    """How many."""
    return len(self.images)

  @cached_property
  def features(self) -> np.ndarray:
    """float32 [n, 2048].

    Raises:
      ValueError: there are no weights.
    """
    if self.part_of is not None:
      return self.part_of.features[: len(self)]
    if self.extractor is None:
      raise ValueError("no Inception weights: no features")
    batches = self.extractor.batches([self.images])
    label = f"features of {self.description}"
    return np.concatenate(list(progress(batches, len(self.images), label)))

  def vectors(self, space: str) -> np.ndarray:
    """The images as rows in a space that distances are taken in: "inception" or "pixels"."""
    return self.features if space == "inception" else self.images.reshape(len(self), -1)

  def first(self, count: int) -> "Samples":
    """The first so many of them; features are computed for all, once."""
    if count >= len(self):
      return self
    return dataclasses.replace(self.alone(count), part_of=self)

  def alone(self, count: int) -> "Samples":
    """The first so many of them; features are computed for these, and none for the others."""
    images, labels = self.images[:count], self.labels[:count]
    return dataclasses.replace(self, images=images, labels=labels, fingerprint="", part_of=None)


def draw(
  generator: TrainedGenerator, num: int, seed: int, extractor: Extractor | None, description: str
) -> Samples:
  """Draws samples 0 … num - 1 of a seed, the very ones that `dcgan_jax.sample` writes.

  Raises:
    CheckpointError: weights or pixels are not finite: the run has diverged.
  """
  inputs = usual_inputs(generator, seed)
  batches = draw_images(generator, inputs, count=num, description=description)
  images = np.concatenate(list(progress(batches, num, f"samples of {description}")))
  labels = labels_asked(generator, inputs, num)
  if labels is None:
    return Samples(description, images, np.full(num, -1, np.int32), (), extractor)
  taught_by = generator.record.get("classifier")
  names = generator.class_names
  return Samples(description, images, labels, names, extractor, taught_by=taught_by)


def from_folder(
  path: pathlib.Path, shape: tuple[int, int, int] | None, extractor: Extractor | None
) -> Samples:
  """All images of a folder, or of an .npz as the sampler writes it.

  They come in an order drawn from their number alone. A folder's own order is class after class,
  and metrics of the first so many would see nothing but the first classes.

  Raises:
    UserError: as for `data.image_folder.load_images`.
  """
  folder = load_images(path, shape)
  order = np.random.default_rng(0).permutation(len(folder.images))
  images, labels = folder.images[order], folder.labels[order]
  return Samples(str(path), images, labels, folder.class_names, extractor, folder.fingerprint)
