import jax
import numpy as np
import pytest

from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.data.schedule import schedule
from dcgan_jax.errors import UserError
from dcgan_jax.feed import make_feed, stays_on_device

MIB = 2**20


@pytest.fixture
def data(config):
  return load_prepared(config.data.name, config.data.split, config.data.data_dir)


def stacks(config, data, placement):
  """Images and labels of every stack, as the update would see them."""
  config.data.placement = placement
  dispatches = schedule(3, 11, longest=4, intervals=[5])
  feed = make_feed(config, data, dispatches, longest=4)
  if feed.source is None:
    return [(stack.images, stack.labels) for stack in feed.stacks]
  images, labels = (np.asarray(leaf) for leaf in feed.source)
  shape = data.images.shape[1:]
  return [(images[p].reshape(*p.shape, *shape), labels[p]) for p in feed.stacks]


def test_the_batches_are_the_same_wherever_the_set_is(config, data):
  on_device, on_host = (stacks(config, data, placement) for placement in ("device", "host"))
  assert len(on_device) == len(on_host) == 5  # up to 4, 5, 8, 10 and 11
  for ours, theirs in zip(on_device, on_host, strict=True):
    for a, b in zip(ours, theirs, strict=True):
      np.testing.assert_array_equal(a, b)
      assert a.dtype == b.dtype


def test_on_a_cpu_a_set_in_memory_is_on_the_device_in_rows(config, data):
  source = make_feed(config, data, [], longest=4).source
  assert isinstance(source.images, jax.Array)
  assert source.images.shape == (90, 48 * 48)
  for row, image in zip(source.images, data.images, strict=True):
    np.testing.assert_array_equal(row, image.ravel())
  np.testing.assert_array_equal(source.labels, data.labels)


@pytest.fixture
def mapped(tmp_path):
  np.save(tmp_path / "images.npy", np.zeros((4, 2, 2, 1), np.uint8))
  return np.load(tmp_path / "images.npy", mmap_mode="r")


def test_on_a_cpu_a_set_on_disk_stays_there_unless_it_is_asked_for(mapped):
  assert not stays_on_device("auto", mapped, None)
  assert stays_on_device("device", mapped, None)


# A set of 8 MiB beside devices of 32 MiB, of which a quarter is for the data, and a byte less.
def test_a_quarter_of_a_device_is_for_the_data():
  images = np.zeros((8, 1024, 1024, 1), np.uint8)
  assert stays_on_device("auto", images, 32 * MIB)
  assert not stays_on_device("auto", images, 32 * MIB - 4)
  assert not stays_on_device("host", images, 32 * MIB)
  assert not stays_on_device("host", images, None)


def test_a_set_that_is_to_fit_and_does_not_is_told_with_both_sizes():
  images = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**33, 1), (0, 0))
  with pytest.raises(UserError, match=r"take 8\.0 GiB, and a quarter of .* is 4\.0 GiB"):
    stays_on_device("device", images, 2**34)
