"""The built-in faces are face enough for the cascade: no photograph is needed."""

import io
import sys
import types

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import haar, synthetic
from dcgan_jax.data.records import UnsuitableError
from dcgan_jax.errors import UserError

COLOUR = (64, 64, 3)


def face(side):
  gray = synthetic.render(0, 0, 1).images[0, :, :, 0]
  return Image.fromarray(gray).resize((side, side), Image.Resampling.BICUBIC)


def picture(*faces, size=(300, 200)):
  """A gray picture with a face of `side` pixels at each (left, top, side)."""
  canvas = Image.new("L", size, 120)
  for left, top, side in faces:
    canvas.paste(face(side), (left, top))
  return canvas


def encoded(image, **options):
  buffer = io.BytesIO()
  image.save(buffer, "PNG", **options)
  return buffer.getvalue()


@pytest.fixture(scope="module")
def finder():
  pytest.importorskip("cv2")
  return haar.FaceFinder()


def test_a_face_is_found_where_it_is(finder):
  left, top, side = finder.find(picture((180, 60, 96)))
  # A tile is a face and some background: the box lies in it and is most of it.
  assert 180 - 10 <= left < left + side <= 276 + 10
  assert 60 - 10 <= top < top + side <= 156 + 10
  assert side >= 0.7 * 96


def test_of_several_faces_the_largest_is_taken(finder):
  left, _, side = finder.find(picture((10, 40, 72), (150, 40, 120)))
  assert left > 120
  assert side > 72


def test_a_large_photograph_is_searched_in_a_smaller_copy(finder):
  # 2,400 pixels are searched as 1,024, and the box is told in the picture's own.
  left, top, side = finder.find(picture((1200, 300, 800), size=(2400, 1600)))
  assert 1200 - 80 <= left < left + side <= 2000 + 80
  assert 300 - 80 <= top < top + side <= 1100 + 80
  assert side >= 0.7 * 800


def test_a_small_face_in_a_large_photograph_is_found_too(finder):
  # Searched as 1,024 pixels it would be 20 pixels, below the cascade's window of 24.
  left, top, side = finder.find(picture((1200, 300, 80), size=(4096, 1024)))
  assert 1200 - 10 <= left < left + side <= 1280 + 10
  assert 300 - 10 <= top < top + side <= 380 + 10
  assert side >= haar.MIN_FACE


def test_a_picture_without_a_face_is_unsuitable(finder):
  with pytest.raises(UnsuitableError, match=r"^no face found$"):
    finder.find(Image.new("RGB", (200, 200), (10, 200, 30)))


def test_a_picture_smaller_than_the_window_has_no_face(finder):
  with pytest.raises(UnsuitableError, match="no face found"):
    finder.find(Image.new("L", (10, 7)))


def test_a_small_face_is_told_from_none(finder):
  with pytest.raises(UnsuitableError, match=r"^face below 32 pixels$"):
    finder.find(picture((60, 60, 30)))


def test_the_crop_is_the_square_resized(finder):
  whole = picture((100, 50, 96)).convert("RGB")
  box = haar.square(finder.find(whole), whole.size)
  expected = whole.resize((64, 64), Image.Resampling.BICUBIC, box=box)
  crop = finder.crop(encoded(whole), COLOUR)
  assert crop.dtype == np.uint8
  np.testing.assert_array_equal(crop, np.asarray(expected))


def test_a_gray_picture_becomes_rgb(finder):
  crop = finder.crop(encoded(picture((100, 50, 96))), COLOUR)
  assert crop.shape == COLOUR
  np.testing.assert_array_equal(crop, crop[:, :, :1].repeat(3, axis=2))


def test_a_picture_is_turned_upright_before(finder):
  upright = picture((100, 50, 96))
  exif = Image.Exif()
  exif[0x0112] = 6  # orientation: to be turned a quarter clockwise
  lying = encoded(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)
  np.testing.assert_array_equal(finder.crop(lying, COLOUR), finder.crop(encoded(upright), COLOUR))


def test_the_square_has_the_margin_on_each_side():
  # 15 % of 40 is 6.
  assert haar.square((100, 50, 40), (300, 200)) == (94, 44, 146, 96)


def test_the_square_is_moved_into_the_picture():
  assert haar.square((2, 158, 40), (300, 200)) == (0, 148, 52, 200)


def test_the_square_is_no_larger_than_the_picture():
  # 1.3 · 80 = 104 > 89: the whole width, and around the face's middle at 20 + 40 = 60.
  assert haar.square((5, 20, 80), (89, 109)) == pytest.approx((0, 15.5, 89, 104.5))


def test_without_opencv_the_message_says_how_to_get_it(monkeypatch):
  monkeypatch.setitem(sys.modules, "cv2", None)  # what makes an import fail
  with pytest.raises(UserError, match=r'pip install "\.\[faces\]"'):
    haar.FaceFinder()


def test_opencv_5_comes_without_cascades(monkeypatch, tmp_path):
  module = types.ModuleType("cv2")
  module.__version__ = "5.0.0"
  module.__file__ = str(tmp_path / "__init__.py")
  monkeypatch.setitem(sys.modules, "cv2", module)
  with pytest.raises(UserError, match=r"OpenCV 5\.0\.0 comes without haarcascade_frontalface_alt2"):
    haar.FaceFinder()
