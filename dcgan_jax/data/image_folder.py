"""Finished images from anybody's model, to be scored as they are: a folder, or a NumPy file.

`prepare` crops and resizes what will be trained on. Here nothing is altered, since a resize, or
another filter in it, moves every score.
"""

import pathlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dcgan_jax.data import array_file
from dcgan_jax.data.archives import open_tree, read_bytes
from dcgan_jax.data.decode import EXTENSIONS, ItemError, open_image
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.records import UNLABELLED
from dcgan_jax.errors import UserError
from dcgan_jax.waiting import counted, doing

Shape = tuple[int, int, int]
_LONGEST_NAME = 255  # of a class, in characters: what a folder's may have


@dataclass(frozen=True)
class ImageFolder:
  """Images to be scored.

  Attributes:
    images: uint8 [n, height, width, 1 or 3], n >= 1.
    labels: int32 [n], an index into class_names, -1 where unlabelled.
    class_names: the first-level folders' names, sorted; empty where there are none.
    files: each image's path inside the folder, or "image N" of a NumPy file; n of them.
    fingerprint: as of a prepared set's split, see `dcgan_jax.data.fingerprint`.
  """

  images: np.ndarray
  labels: np.ndarray
  class_names: tuple[str, ...]
  files: tuple[str, ...]
  fingerprint: str


def load_images(path: pathlib.Path, shape: Shape | None = None) -> ImageFolder:
  """Reads all images below a folder, sorted by path, or those of an .npz file.

  Folders at the first level are classes; images that lie beside them are unlabelled. Hidden files
  and files without an image's extension are passed over. Grayscale files have one channel, colour
  files three. A colour file whose three channels are equal counts as grayscale where `shape` asks
  for that, or where other files are grayscale. Of an animation the first frame is taken, and an
  EXIF rotation is applied; nothing else changes a pixel.

  Args:
    path: a folder, or an .npz with uint8 'images' [n, height, width, 1 or 3], and maybe int
      'labels' [n] into 'class_names', as `python -m dcgan_jax.sample --format=npz` writes it.
    shape: (height, width, channels) that every image must have; None for that of the first.

  Raises:
    UserError: nothing there, no images, one that cannot be read or is of another size or colour
      than the others, or an array of another kind. The message names the first such file.
  """
  if not path.exists():
    raise UserError(f"images {path}: no such folder.\nName a folder of images or an .npz file.")
  if path.is_dir():
    files, images = _read_folder(path, shape)
  elif path.suffix.lower() == ".npz" and path.is_file():  # a pipe would be waited for
    files, images = _read_npz(path, shape)
  else:
    raise UserError(
      f"images {path}: neither a folder of images nor an .npz file.\n"
      "Name the folder; unpack an archive first."
    )
  names, labels = _classes(files)
  stacked = np.stack(list(_same_channels(path, files, images, shape and shape[2])))
  return ImageFolder(stacked, labels, names, tuple(files), fingerprint(stacked, labels))


def _read_folder(path: pathlib.Path, shape: Shape | None) -> tuple[list[str], list[np.ndarray]]:
  tree = open_tree(path)
  assert tree is not None, "a folder is always a tree"
  for name, reason in sorted(tree.refused.items()):
    if name.lower().endswith(EXTENSIONS):
      raise UserError(f"{path / name}: {reason}.\nRemove it from the folder.")
  files = [name for name in tree.names if name.lower().endswith(EXTENSIONS)]
  if not files:
    found = f"{len(tree.names):,} other files" if tree.names else "it is empty"
    raise UserError(
      f"images {path}: no images ({found}).\nExpected files that end in {' '.join(EXTENSIONS)}."
    )
  images: list[np.ndarray] = []
  passing = counted(tree.files(set(files)), f"reading {path.name}", " images", len(files))
  for file, opener in passing:
    try:
      image = _decode(read_bytes(opener))
    except ItemError as error:
      raise UserError(f"{path / file}: {error}.\nReplace it, or remove it.") from error
    if shape:
      _check_size(path / file, image, shape, "")
    elif images:
      _check_size(path / file, image, images[0].shape, f" as in {files[0]}")
    images.append(image)
  return files, images


def _read_npz(path: pathlib.Path, shape: Shape | None) -> tuple[list[str], list[np.ndarray]]:
  if not zipfile.is_zipfile(path):
    raise UserError(
      f"{path}: not an .npz file, in spite of its name.\n"
      "It may be cut short: write or copy it again."
    )
  try:
    with doing(f"reading {path.name}"):
      arrays = array_file.read(path, ("images", "labels", "class_names"))
  except (OSError, ValueError) as error:
    raise UserError(f"{path}: cannot be read: {error}.\nWrite or copy it again.") from error
  if "images" not in arrays:
    names = sorted(array_file.names(path))
    raise UserError(
      f"{path}: holds no 'images' (it holds {', '.join(names) or 'nothing'}).\n"
      "Write it with np.savez_compressed(file, images=images)."
    )
  images = arrays["images"]
  _check_array(path, images)
  if shape:
    _check_size(path, images[0], shape, "")
  files = [f"image {index}" for index in range(len(images))]
  if "labels" in arrays:
    classes = _class_of_each(path, arrays, len(images))
    files = [f"{name}/{file}" for name, file in zip(classes, files, strict=True)]
  return files, list(images)


def _class_of_each(path: pathlib.Path, arrays: dict[str, np.ndarray], count: int) -> list[str]:
  labels, names = arrays["labels"], arrays.get("class_names", np.empty(0, np.str_))
  sound = labels.shape == (count,) and labels.dtype.kind in "iu" and names.dtype.kind == "U"
  sound = sound and names.ndim == 1 and names.dtype.itemsize <= 4 * _LONGEST_NAME
  if not (sound and ((labels >= 0) & (labels < len(names))).all()):
    raise UserError(
      f"{path}: 'labels' must be {count} whole numbers, each the index of a text in "
      "'class_names'.\n"
      "Leave both out for images without classes."
    )
  return [str(names[label]) for label in labels]


def _check_array(path: pathlib.Path, images: np.ndarray) -> None:
  if images.dtype != np.uint8:
    not_finite = images.dtype.kind == "f" and not np.isfinite(images).all()
    fix = (
      "Some values are not finite: the model that drew them has diverged."
      if not_finite
      else "Save what a viewer would show, 0 … 255:  images.round().clip(0, 255).astype(np.uint8)"
    )
    raise UserError(f"{path}: 'images' is {images.dtype}, expected uint8.\n{fix}")
  if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
    raise UserError(
      f"{path}: 'images' has shape {images.shape}, expected [n, height, width, 1 or 3], n >= 1.\n"
      "Channels come last, and grayscale keeps one:  images[..., None]"
    )


def _check_size(
  path: pathlib.Path, image: np.ndarray, expected: tuple[int, ...], whose: str
) -> None:
  if image.shape[:2] != expected[:2]:
    raise UserError(
      f"{path}: {image.shape[1]}×{image.shape[0]} pixels, "
      f"expected {expected[1]}×{expected[0]}{whose}.\n"
      "Nothing is resized here, since that would move the scores. Draw the images at the expected\n"
      "size, or resize all of them with one filter and say so beside the score."
    )


def _same_channels(
  path: pathlib.Path, files: Sequence[str], images: Sequence[np.ndarray], wanted: int | None
) -> Iterator[np.ndarray]:
  """The images, those in gray stored as colour with one channel where that is what is needed."""
  channels = wanted or min(image.shape[2] for image in images)
  for file, image in zip(files, images, strict=True):
    if image.shape[2] == channels:
      yield image
    elif channels == 1 and (image == image[..., :1]).all():
      yield image[..., :1]
    elif channels == 1:
      gray = next((f for f, i in zip(files, images, strict=True) if i.shape[2] == 1), None)
      reason = f"{gray} is grayscale" if gray and not wanted else "grayscale is expected"
      raise UserError(
        f"{path}, {file}: a colour image, but {reason}.\n"
        "Convert it to grayscale yourself, or remove it: scores need images of one kind."
      )
    else:
      raise UserError(
        f"{path}, {file}: a grayscale image, expected colour (3 channels).\n"
        "Save it with three channels, or remove it: scores need images of one kind."
      )


def _classes(files: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
  """Class names and int32 labels from the first folder of each relative path."""
  folders = [file.partition("/")[0] if "/" in file else None for file in files]
  names = tuple(sorted({folder for folder in folders if folder is not None}))
  numbers = {name: label for label, name in enumerate(names)}
  labels = [UNLABELLED if folder is None else numbers[folder] for folder in folders]
  return names, np.array(labels, np.int32)


def _decode(data: bytes) -> np.ndarray:
  """An image file's own pixels, uint8 [height, width, 1 or 3].

  Raises:
    ItemError: not an image, damaged, absurdly large, or of pixels that 8-bit gray or RGB alters.
  """
  with open_image(data) as image:
    return _pixels(image)


def _pixels(image: Image.Image) -> np.ndarray:
  if image.has_transparency_data:
    image = image.convert("RGBA")
    if image.getchannel("A").getextrema() != (255, 255):
      raise ItemError("has transparent pixels, and scores depend on what is behind; flatten it")
  elif image.mode not in ("1", "L", "P", "RGB"):
    raise ItemError(f"{image.mode} pixels; save it as 8-bit grayscale or RGB")
  is_gray = image.mode in ("1", "L")
  pixels = np.array(image.convert("L" if is_gray else "RGB"))
  return pixels[:, :, None] if is_gray else pixels
