import os
import subprocess
import sys

import numpy as np
import pytest
from random_inception import random_tensors

from dcgan_jax.metrics import features
from dcgan_jax.metrics.features import Extractor


@pytest.fixture(scope="module")
def extractor():
  """One network for all tests, compiled once; two groups, 8 images, a call keep it short."""
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(features, "_GROUPS_PER_CALL", 2)
    yield Extractor(random_tensors())


@pytest.fixture(scope="module")
def images():
  """Ten: a call and a quarter."""
  return np.random.default_rng(0).integers(0, 256, (10, 12, 12, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def expected(extractor, images):
  return extractor.features(images)


def in_batches(images, size):
  return (images[i : i + size] for i in range(0, len(images), size))


def test_every_image_has_2048_features_of_its_own(expected):
  assert (expected.shape, expected.dtype) == ((10, 2048), np.float32)
  assert np.isfinite(expected).all()
  assert (expected >= 0).all()  # means of what a ReLU leaves
  assert len(np.unique(expected, axis=0)) == 10


@pytest.mark.parametrize("size", [1, 7, 64])
def test_how_many_come_at_once_changes_no_bit(extractor, images, expected, size):
  result = np.concatenate(list(extractor.batches(in_batches(images, size))))
  np.testing.assert_array_equal(result, expected)


def test_neighbours_and_order_change_no_bit(extractor, images, expected):
  order = np.array([9, 3, 0, 4])
  np.testing.assert_array_equal(extractor.features(images[order]), expected[order])


def test_features_come_before_the_stream_ends(extractor, images):
  taken = []

  def endless():
    while True:
      taken.append(1)
      yield images[:8]

  stream = extractor.batches(endless())
  assert len(next(stream)) == 8
  assert len(taken) == 1


def test_an_empty_stream_has_no_features(extractor, images):
  assert list(extractor.batches([])) == []
  assert list(extractor.batches([images[:0]])) == []


def test_no_images_have_no_features(extractor, images):
  assert extractor.features(images[:0]).shape == (0, 2048)


@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_images_that_are_not_rounded_are_refused(extractor, images, value):
  unrounded = np.full((2, 12, 12, 3), value, np.float32)
  with pytest.raises(ValueError, match=r"uint8.*float32"):
    list(extractor.batches([images[:2], unrounded]))


def test_logits_are_features_through_the_last_layer(extractor):
  head = random_tensors().head
  # One feature at a time picks a row of the layer; there is no bias.
  assert extractor.has_logits
  np.testing.assert_array_equal(extractor.logits(np.eye(3, 2048, dtype=np.float32)), head[:3])


def test_without_the_last_layer_there_are_no_logits():
  extractor = Extractor(random_tensors(head=False))
  assert not extractor.has_logits
  with pytest.raises(ValueError, match="lack the last layer"):
    extractor.logits(np.zeros((1, 2048), np.float32))


def test_the_network_is_known_by_its_numbers_and_the_file_by_its_own_hash(extractor):
  # The wheel's file is another than the official one, and lacks the last layer.
  numbers = random_tensors(head=False)
  wheel = Extractor(numbers._replace(sha256="5" * 64))
  assert (extractor.file_sha256, wheel.file_sha256) == ("0" * 64, "5" * 64)
  assert wheel.sha256 == extractor.sha256
  numbers.convolutions[-1].bias[-1] += 1
  assert Extractor(numbers).sha256 != extractor.sha256


@pytest.mark.slow
def test_one_and_eight_devices_see_the_same(tmp_path, repository, images, expected):
  np.save(tmp_path / "images.npy", images)
  tests = repository / "tests"
  flags = "--xla_force_host_platform_device_count=8"
  command = [
    sys.executable,
    tests / "features_on_devices.py",
    tmp_path / "images.npy",
    tmp_path / "out.npz",
  ]
  environment = {**os.environ, "XLA_FLAGS": flags, "PYTHONPATH": str(tests)}
  subprocess.run(command, check=True, env=environment)
  with np.load(tmp_path / "out.npz") as result:
    assert result["devices"] == 8
    scale = 1e-6 * expected.max()
    np.testing.assert_allclose(result["features"], expected, rtol=0, atol=scale)
