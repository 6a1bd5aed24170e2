"""The real images that scores compare with: a split of a prepared set, or a folder."""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan_jax.evaluation.store import Store


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
  """

  label: str
  description: str
  fingerprint: str
  num_images: int
  read: Callable[[], Faces]


def from_prepared(name: str, split: str, data_dir: str | None) -> RealImages:
  """A split of a prepared set, known by its report alone until its images are needed.

  Raises:
    UserError: not prepared, no such split, or damaged.
  """
  from dcgan_jax.data.builders import load_prepared, split_info  # TensorFlow takes seconds

  info = split_info(name, split, data_dir)

  def read() -> Faces:
    data = load_prepared(name, split, data_dir)
    return Faces(data.images, data.labels, data.subjects, data.class_names)

  return RealImages(split, f"{name}/{split}", info.fingerprint, info.num_images, read)


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


def kept(real: RealImages, root: pathlib.Path) -> RealImages:
  """The same images, copied to the store at the first reading and mapped from there afterwards.

  Decoding a prepared set takes seconds and TensorFlow; the copy takes neither.
  """
  # The fingerprint does not cover the subjects: the same images under another name may lack them.
  store = Store(root, {"images": real.fingerprint, "of": real.description})

  def read() -> Faces:
    if not (store.has("images") and store.has("labels")):
      faces = real.read()
      store.array("images", lambda: faces.images)
      about = {"subjects": faces.subjects, "class_names": faces.class_names}
      store.json("about", lambda: about)
      store.array("labels", lambda: faces.labels)
    about = store.json("about", dict)
    return Faces(
      images=store.array("images", _missing),
      labels=store.array("labels", _missing),
      subjects=tuple(about["subjects"]),
      class_names=tuple(about["class_names"]),
    )

  return RealImages(real.label, real.description, real.fingerprint, real.num_images, read)


def _missing() -> np.ndarray:
  raise AssertionError("written above")
