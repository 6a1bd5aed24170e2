"""How a prepared data set is written: by TFDS, and beside its records what training reads.

`dcgan_jax.data.prepared` reads it; `tfds.load(name, data_dir=…)` does too, without this package.
"""

import contextlib
import pathlib
from collections.abc import Callable

import numpy as np

from dcgan_jax.data.face_set import FaceSet
from dcgan_jax.data.quiet_tensorflow import tf
from dcgan_jax.data.quiet_tfds import tfds
from dcgan_jax.data.records import FACE_SHAPE, SPLITS, Record, Shape
from dcgan_jax.data.reports import set_dir


def write_set(
  root: pathlib.Path,
  name: str,
  class_names: tuple[str, ...],
  records: list[Record],
  read_image: Callable[[Record], np.ndarray],
  companions: dict[str, str],
  image_shape: Shape = FACE_SHAPE,
) -> pathlib.Path:
  """Writes a set under a data directory with TFDS, its report included, and returns its folder.

  Args:
    root: data directory; TFDS's own unfinished folder lies in it meanwhile.
    name: the set's name, lower-case letters, digits and underscores.
    class_names: by label.
    records: in order; grouped by split here.
    read_image: uint8 [height, width, channels] for a record; called once each, in order.
    companions: file name → text, written beside the data; the report is one.
    image_shape: height, width and channels of every image.

  Raises:
    OSError: the disk is full or fails.
  """
  by_split = {split: [r for r in records if r.split == split] for split in SPLITS}
  units = next((r.action_units for r in records if r.action_units is not None), None)
  fields = {
    "__module__": __name__,
    "name": name,
    "image_shape": image_shape,
    "class_names": class_names,
    "num_action_units": None if units is None else len(units),
    "records": {split: members for split, members in by_split.items() if members},
    "read_image": staticmethod(read_image),
    "companions": companions,
  }
  builder_class = type("FaceSet", (FaceSet,), fields, skip_registration=True)
  tfds.disable_progress_bar()  # TFDS draws its bars even into a log file; prepare draws its own
  builder = builder_class(data_dir=str(root))
  try:
    with contextlib.redirect_stdout(None):  # it announces a download of unknown size
      builder.download_and_prepare(
        download_dir=str(root / "downloads"),
        download_config=tfds.download.DownloadConfig(try_download_gcs=False),
      )
  except (tf.errors.OpError, RuntimeError) as error:
    # A full or failing disk is an OpError in TensorFlow, which TFDS hides in a RuntimeError.
    cause = error if isinstance(error, tf.errors.OpError) else error.__cause__
    if not isinstance(cause, tf.errors.OpError):
      raise
    raise OSError(cause.message) from error
  return set_dir(root, name)
