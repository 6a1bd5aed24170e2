"""A face set as TFDS writes it: what a record holds, and that its order stays."""

import io
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from dcgan_jax.data import column_file, pixel_file
from dcgan_jax.data.quiet_tfds import tfds
from dcgan_jax.data.records import FACE_SHAPE, Record, Shape
from dcgan_jax.data.reports import VERSION

# TFDS sorts a large split by key through 1,000 files, each a thousandth of the keys' range, and
# reads each whole. Keys 0, 1, 2, … would all come into the first; these spread over sixty-four.
_KEYS = 2**128 // 1000 * 64


class FaceSet(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[call-arg]
  """Faces of one shape with label, subject and source, kept in the order given."""

  name = "faces"
  VERSION = tfds.core.Version(VERSION)
  # TFDS looks beside the code for checksums of downloads, by way of importlib_resources, which it
  # doesn't install. There are no downloads here.
  code_path = None

  # What `builders.write_set` fills in on a subclass; TFDS builds the info inside __init__.
  image_shape: Shape = FACE_SHAPE
  class_names: tuple[str, ...] = ()
  num_action_units: int | None = None
  records: dict[str, list[Record]] = {}  # noqa: RUF012
  read_image: Callable[[Record], np.ndarray]
  companions: dict[str, str] = {}  # noqa: RUF012

  def _info(self) -> Any:
    features = {
      "image": tfds.features.Image(shape=self.image_shape, encoding_format="png"),
      "label": tfds.features.ClassLabel(names=list(self.class_names)),
      "subject": tfds.features.Text(),
      "source": tfds.features.Text(),
    }
    if self.num_action_units is not None:
      shape = (self.num_action_units,)
      features["action_units"] = tfds.features.Tensor(shape=shape, dtype=np.float32)
    return tfds.core.DatasetInfo(
      builder=self,
      description="Face images prepared by dcgan_jax; report.json tells from what and how.",
      features=tfds.features.FeaturesDict(features),
      disable_shuffling=True,  # record order is source order: the training stream indexes it
    )

  def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
    del dl_manager  # nothing is downloaded: the images are decoded already
    return {split: self._generate_examples(split) for split in self.records}

  def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
    records, folder = self.records[split], pathlib.Path(self.data_dir)
    column_file.write(folder / column_file.name(split), records)
    pixels = folder / pixel_file.name(split)
    with pixel_file.writing(pixels, len(records), self.image_shape) as append:
      for index, record in enumerate(records):
        image = self.read_image(record)
        append(image)
        example = {
          "image": _png(image),
          "label": record.label,
          "subject": record.subject,
          "source": record.source,
        }
        if self.num_action_units is not None:
          example["action_units"] = record.action_units
        yield _KEYS * index // len(records), example

  def _download_and_prepare(self, dl_manager: Any, download_config: Any) -> None:
    super()._download_and_prepare(dl_manager, download_config)
    # Inside TFDS's unpublished folder: a published set can't lack its report.
    for file, text in self.companions.items():
      (pathlib.Path(self.data_dir) / file).write_text(text, encoding="utf-8")


def _png(image: np.ndarray) -> bytes:
  """PNG bytes of a uint8 [height, width, 1 or 3]; TFDS would run a TensorFlow graph for each."""
  buffer = io.BytesIO()
  Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(buffer, "PNG")
  return buffer.getvalue()
