import base64
import contextlib
import io
import os
import struct
import zlib

import numpy as np
import pytest
from hand_made import write_picture
from PIL import Image

from dcgan_jax.reporting.pictures import PictureError, picture, spread


def shown(one):
  """The pixels that a browser would get."""
  head, _, content = one.url.partition(",")
  assert head == "data:image/webp;base64"
  image = Image.open(io.BytesIO(base64.b64decode(content)), formats=["WEBP"])
  assert image.size == (one.width, one.height)
  return np.asarray(image.convert("RGB")).astype(int)


def test_a_gray_picture_comes_back_at_half_its_size(tmp_path):
  # Four squares, each of its pixels 2 wide and high.
  squares = np.kron([[0, 90], [180, 255]], np.ones((20, 20)))
  Image.fromarray(squares.astype(np.uint8)).save(tmp_path / "a.png")
  one = picture(tmp_path / "a.png")
  assert (one.width, one.height) == (20, 20)
  middles = shown(one)[5::10, 5::10]
  np.testing.assert_allclose(middles[..., 0], [[0, 90], [180, 255]], atol=3)
  assert (middles == middles[..., :1]).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "LA", "I;16"])
def test_a_picture_of_any_kind_is_taken(tmp_path, mode):
  Image.new("RGB", (12, 6), (200, 200, 200)).convert(
    "L" if mode == "I;16" else mode).convert(mode).save(tmp_path / "a.png")  # fmt: skip
  assert (picture(tmp_path / "a.png").width, picture(tmp_path / "a.png").height) == (6, 3)


def test_colours_stay(tmp_path):
  Image.new("RGB", (32, 32), (250, 100, 20)).save(tmp_path / "a.png")
  np.testing.assert_allclose(shown(picture(tmp_path / "a.png"))[8, 8], [250, 100, 20], atol=6)


def test_a_picture_drawn_anew_is_read_anew(tmp_path):
  write_picture(tmp_path / "a.png", gray=10)
  first = picture(tmp_path / "a.png")
  assert picture(tmp_path / "a.png") is first
  write_picture(tmp_path / "a.png", gray=240)
  assert shown(picture(tmp_path / "a.png"))[0, 0, 0] == pytest.approx(240, abs=3)


def test_a_picture_cut_anywhere_is_refused_unless_all_of_its_pixels_are_there(tmp_path):
  Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 12), np.uint8)).save(
    tmp_path / "whole.png"
  )
  whole = (tmp_path / "whole.png").read_bytes()
  url, refused = picture(tmp_path / "whole.png").url, 0
  for length in range(len(whole)):
    path = tmp_path / f"{length}.png"
    path.write_bytes(whole[:length])
    try:
      assert picture(path).url == url
    except PictureError:
      refused += 1
  # The last chunk has 12 bytes, a checksum before it 4, that of zlib within it 4.
  assert refused >= len(whole) - 20


def test_a_picture_with_a_byte_changed_is_taken_or_refused(tmp_path):
  write_picture(tmp_path / "whole.png")
  whole = (tmp_path / "whole.png").read_bytes()
  for place in range(len(whole)):
    path = tmp_path / f"{place}.png"
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x81]) + whole[place + 1 :])
    with contextlib.suppress(PictureError):
      assert picture(path).url


def png(width, height, pixels):
  def chunk(kind, content):
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

  head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
  signature = b"\x89PNG\r\n\x1a\n"
  data = chunk(b"IDAT", zlib.compress(pixels))
  return signature + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
  ("width", "height"), [(100_000, 100_000), (12_000, 12_000), (40_000, 2), (2, 40_000)]
)
def test_a_picture_larger_than_any_that_a_run_draws_is_refused(tmp_path, width, height):
  (tmp_path / "a.png").write_bytes(png(width, height, bytes(100_000)))
  with pytest.raises(PictureError, match=f"{width}×{height} pixels, more than a run draws"):
    picture(tmp_path / "a.png")


def test_a_long_narrow_picture_is_taken(tmp_path):
  (tmp_path / "a.png").write_bytes(png(16_000, 1, bytes(16_001)))
  assert picture(tmp_path / "a.png").width == 8000


def _text(path):
  path.write_text("no picture")


def _jpeg(path):
  Image.new("L", (8, 8)).save(path, "JPEG")


@pytest.mark.parametrize(
  ("make", "reason"),
  [
    (lambda path: None, "No such file or directory"),
    (lambda path: path.mkdir(), "not a file"),
    (os.mkfifo, "not a file"),
    (lambda path: path.symlink_to("nowhere"), "No such file or directory"),
    (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
    (lambda path: path.symlink_to("/dev/zero"), "not a file"),
    (lambda path: path.touch(), "not a whole picture"),
    (_text, "not a whole picture"),
    (_jpeg, "not a whole picture"),
  ],
)
def test_what_is_no_picture_is_refused_with_the_reason(tmp_path, make, reason):
  make(tmp_path / "a.png")
  with pytest.raises(PictureError, match=f"^{reason}$"):
    picture(tmp_path / "a.png")


def test_few_items_are_all_taken_and_of_many_the_ends_and_some_in_between():
  assert spread([], 3) == []
  assert spread([1, 2, 3], 3) == [1, 2, 3]
  assert spread(range(11), 3) == [0, 5, 10]
  assert spread(range(10), 4) == [0, 3, 6, 9]
  taken = spread(range(1000))
  assert (len(taken), taken[0], taken[-1]) == (24, 0, 999)
  assert sorted(set(taken)) == taken
