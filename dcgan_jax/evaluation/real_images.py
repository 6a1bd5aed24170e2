"""The real images that scores compare with: a split of a prepared set, or a folder."""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan_jax.data import reports
from dcgan_jax.data.classes import index_of
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError


@dataclass(frozen=True)
class Faces:
  """Real images with what is known of them.

  Attributes:
    images: uint8 [n, height, width, channels].
    labels: int32 [n], -1 where unlabelled.
    subjects: n of them, '' where unknown.
    class_names: by label; empty for an unlabelled set.
  """

  images: np.ndarray
  labels: np.ndarray
  subjects: tuple[str, ...]
  class_names: tuple[str, ...]


@dataclass(frozen=True)
class RealImages:
  """Real images by name and fingerprint; they are read only when something needs them.

  Attributes:
    label: how a metric's name calls them: "train", "test", or the folder's name.
    description: for people: "ckplus/train", or the folder's path.
    fingerprint: sha256 of images and labels.
    num_images: how many there are.
    read: reads them.
    class_names: of a prepared set, as its report has them.
    whole: the fingerprint of the images that these are a part of; None where they are not.
    rows: int [n], their places among those.
  """

  label: str
  description: str
  fingerprint: str
  num_images: int
  read: Callable[[], Faces]
  class_names: tuple[str, ...] = ()
  whole: str | None = None
  rows: np.ndarray | None = None


def from_prepared(name: str, split: str, data_dir: str | None) -> RealImages:
  """A split of a prepared set, known by its report alone until its images are needed.

  Raises:
    UserError: not prepared, no such split, or damaged.
  """
  info = reports.split_info(name, split, data_dir)

  def read() -> Faces:
    data = load_prepared(name, split, data_dir)
    return Faces(data.images, data.labels, data.subjects, data.class_names)

  return RealImages(
    label=split,
    description=f"{name}/{split}",
    fingerprint=info.fingerprint,
    num_images=info.num_images,
    read=read,
    class_names=info.class_names,
  )


def only(real: RealImages, expression: str) -> RealImages:
  """The images of one class, which are read at once: only they can tell their fingerprint.

  Args:
    real: labelled.
    expression: one of its classes.

  Raises:
    UserError: no such class, or no image of it.
  """
  label = index_of(expression, real.class_names, real.description)
  faces = real.read()
  chosen = np.flatnonzero(faces.labels == label)
  if not chosen.size:
    raise UserError(f"{real.description} has no image of {expression!r}.")
  images, labels = faces.images[chosen], faces.labels[chosen]
  subjects = tuple(faces.subjects[i] for i in chosen)
  some = Faces(images, labels, subjects, faces.class_names)
  return RealImages(
    label=f"{real.label}_{expression}",
    description=f"{real.description}/{expression}",
    fingerprint=fingerprint(images, labels),
    num_images=len(images),
    read=lambda: some,
    class_names=real.class_names,
    whole=real.fingerprint,
    rows=chosen,
  )


def from_folder(path: pathlib.Path, shape: tuple[int, int, int] | None) -> RealImages:
  """A folder of images, or an .npz as the sampler writes it; read at once.

  Raises:
    UserError: as for `data.image_folder.load_images`.
  """
  from dcgan_jax.data.image_folder import load_images

  folder = load_images(path, shape)
  faces = Faces(folder.images, folder.labels, ("",) * len(folder.images), folder.class_names)
  name = path.resolve().stem
  return RealImages(name, str(path), folder.fingerprint, len(folder.images), lambda: faces)
