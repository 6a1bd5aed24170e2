import numpy as np
import pytest

from dcgan_jax.data.records import Face
from dcgan_jax.data.spool import Spool


@pytest.fixture(params=[(48, 48, 1), (64, 64, 3), (4, 6, 3)])
def spool(tmp_path, request):
  spool = Spool(tmp_path / "images", request.param)
  yield spool
  spool.close()


def face(image):
  return Face("a.png", image, 0, "train")


def test_images_come_back_in_any_order(spool):
  images = np.random.default_rng(0).integers(0, 256, (3, *spool.shape), dtype=np.uint8)
  records = [spool.add(face(image)) for image in images]
  for index in (2, 0, 1, 0):
    np.testing.assert_array_equal(spool.read(records[index]), images[index])


def test_equal_images_have_equal_digests(spool):
  images = np.random.default_rng(0).integers(0, 256, (2, *spool.shape), dtype=np.uint8)
  first, second, again = (spool.add(face(image)) for image in images[[0, 1, 0]])
  assert first.digest == again.digest != second.digest


def test_an_image_of_one_colour_is_constant(spool):
  colour = np.arange(spool.shape[2], dtype=np.uint8)
  assert spool.add(face(np.broadcast_to(colour, spool.shape))).constant
  spotted = np.broadcast_to(colour, spool.shape).copy()
  spotted[-1, -1, -1] += 1
  assert not spool.add(face(spotted)).constant


def test_an_image_of_another_shape_is_a_mistake_of_ours(spool):
  with pytest.raises(AssertionError, match=r"a\.png: \(5, 5, 1\)"):
    spool.add(face(np.zeros((5, 5, 1), np.uint8)))
