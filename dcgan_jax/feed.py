"""Where an update finds its images: in the set on the device, or in what tf.data brings."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from ml_collections import ConfigDict

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.data import pixel_file
from dcgan_jax.data.order import batch_indices
from dcgan_jax.data.prepared import Prepared
from dcgan_jax.data.schedule import Dispatch
from dcgan_jax.errors import UserError

# Of a device's memory: the rest is the training's.
_SHARE = 0.25


class Feed(NamedTuple):
  """The data as gan/update.py takes them."""

  source: Batch | None  # the whole set on every device; None where the stacks hold the images
  stacks: Iterator[Any]  # one for each dispatch


def make_feed(
  config: ConfigDict, data: Prepared, dispatches: Sequence[Dispatch], longest: int
) -> Feed:
  """Places the data as `config.data.placement` says; the batches are the same either way.

  Of several processes each has its own rows of the batches, and nothing else of them.

  Args:
    config: for seed, batch_size and data.placement.
    data: the set.
    dispatches: what the stacks are for.
    longest: batches in a stack; a shorter dispatch gets the batches that follow it as well.

  Raises:
    UserError: "device" is asked for, and the set does not fit there.
  """
  count, rows = len(data.images), parallel.own_rows(config.batch_size)
  if stays_on_device(config.data.placement, data.images, parallel.device_memory()):
    # In rows, each image is a run of bytes, and picking some is not a change of layout for all.
    source = parallel.replicate(Batch(data.images.reshape(count, -1), data.labels))
    pixel_file.release(data.images)
    starts = (dispatch.start for dispatch in dispatches)
    picks = (batch_indices(config.seed, at, longest, config.batch_size, count) for at in starts)
    return Feed(source, (pick[:, rows].astype(np.int32) for pick in picks))
  from dcgan_jax.data.pipeline import training_stream  # TensorFlow takes seconds

  stream = training_stream(
    data.images,
    data.labels,
    dispatches,
    seed=config.seed,
    batch_size=config.batch_size,
    longest=longest,
    rows=rows,
  )
  return Feed(None, stream)


def stays_on_device(placement: str, images: np.ndarray, memory: int | None) -> bool:
  """Whether the set is copied to the device whole.

  Args:
    placement: "device", "host", or "auto": on the device where a quarter of its memory is enough,
      and on a CPU where the set is in memory anyway.
    images: uint8 [n, height, width, channels].
    memory: bytes of a device; None for a CPU.

  Raises:
    UserError: "device" is asked for, and its memory is too small.
  """
  if placement == "host":
    return False
  if memory is None:
    return placement == "device" or not isinstance(images, np.memmap)
  room = memory * _SHARE
  if placement == "device" and images.nbytes > room:
    raise UserError(
      f"config.data.placement: the images take {images.nbytes / 2**30:.1f} GiB, and a quarter of "
      f"the device's memory is {room / 2**30:.1f} GiB. Set it to host, or auto."
    )
  return images.nbytes <= room
