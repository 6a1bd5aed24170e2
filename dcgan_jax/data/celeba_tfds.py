"""CelebA as TFDS prepared it (`tfds build celeb_a`): its own JPEGs, in its own splits and order."""

import functools
import os
import pathlib
from collections.abc import Iterator

from dcgan_jax.data.decode import decode_image
from dcgan_jax.data.items import Item, Source
from dcgan_jax.data.records import SPLITS, UNLABELLED, Face, Shape
from dcgan_jax.errors import UserError

NAME = "celeb_a"


def prepared_folder() -> pathlib.Path:
  """The newest celeb_a in TFDS's data directory: $TFDS_DATA_DIR, else ~/tensorflow_datasets.

  Raises:
    UserError: none is there.
  """
  root = pathlib.Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
  # Unfinished ones are called incomplete.….
  found = [info.parent for info in (root / NAME).glob("[0-9]*.*.*/dataset_info.json")]
  if not found:
    raise UserError(
      f"{NAME} is not prepared in {root}.\n"
      "Prepare it (it downloads 1.4 GB from Google Drive):   tfds build celeb_a\n"
      "or name another folder of TFDS:                       TFDS_DATA_DIR=PATH\n"
      "or name the pictures you have:                        --source=img_align_celeba.zip"
    )
  return max(found, key=lambda folder: [int(part) for part in folder.name.split(".")])


def open_tfds(folder: pathlib.Path, shape: Shape) -> Source:
  """The pictures of a celeb_a, 218×178 JPEGs, read one by one; TFDS keeps no file names.

  Args:
    folder: as from `prepared_folder`.
    shape: what they become, as `celeba` describes.

  Raises:
    UserError: damaged; also while iterating.
  """
  from dcgan_jax.data.quiet_tensorflow import tf  # TensorFlow takes seconds
  from dcgan_jax.data.quiet_tfds import tfds

  def face(name: str, split: str, data: bytes) -> Face:
    return Face(name, decode_image(data, shape), UNLABELLED, split)

  def damaged(error: Exception) -> UserError:
    reason = str(error).splitlines()[0][:200]
    return UserError(f"{folder}: cannot be read to its end: {reason}.\nPrepare it again with TFDS.")

  try:
    builder = tfds.builder_from_directory(str(folder))
  except (OSError, ValueError, tf.errors.OpError) as error:
    raise damaged(error) from error
  counts = {split: builder.info.splits[split].num_examples for split in SPLITS}

  def items() -> Iterator[Item]:
    for split in SPLITS:
      dataset = builder.as_dataset(
        split=split,
        shuffle_files=False,
        read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
        # The JPEG's bytes: decoded here, they become what the pictures' own files become.
        decoders={"image": tfds.decode.SkipDecoding()},
      )
      try:
        for index, example in enumerate(dataset.as_numpy_iterator()):
          name = f"{split} example {index}"
          yield f"{NAME}, {name}", functools.partial(face, name, split, example["image"])
      except tf.errors.OpError as error:
        raise damaged(error) from error

  return Source((), items(), sum(counts.values()), by_name=False)
