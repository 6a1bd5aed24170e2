import io
import random
import time

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import jpeg_scans
from dcgan_jax.data.decode import ItemError, decode_image
from dcgan_jax.data.jpeg_scans import jpeg_problem


def noise(height=48, width=48):
  return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width), np.uint8))


def jpeg(file_format="JPEG", **options):
  file = io.BytesIO()
  noise().save(file, file_format, **{"progressive": True} | options)
  return file.getvalue()


def segment(code, body):
  return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


def with_scans(data, extra, between=b""):
  """The JPEG with its last scan repeated so many times."""
  last = data.rindex(b"\xff\xda")
  end = data.index(b"\xff\xd9", last)
  return data[:end] + extra * (between + data[last:end]) + data[end:]


def count(data, monkeypatch):
  """The scans of a JPEG: the lowest limit that it stays in."""
  for limit in range(300):
    monkeypatch.setattr(jpeg_scans, "MAX_SCANS", limit)
    if jpeg_problem(data) is None:
      return limit
  raise AssertionError("more than 300 scans")


def test_a_progressive_jpeg_is_no_bomb(monkeypatch):
  assert decode_image(jpeg()).shape == (48, 48, 1)
  assert jpeg_problem(jpeg()) is None
  # libjpeg's script for gray: DC and its refinement, three bands of AC, two refinements less one.
  assert count(jpeg(), monkeypatch) == jpeg().count(b"\xff\xda") == 6


@pytest.mark.parametrize("tail", [b"\xff\xda" * 2**22, jpeg() * 30], ids=["movie", "pictures"])
def test_what_a_phone_appends_to_a_photograph_is_not_counted(tail):
  assert decode_image(jpeg() + tail).shape == (48, 48, 1)


@pytest.mark.parametrize("code", [0xE1, 0xE2, 0xFE], ids=["EXIF", "APP2", "comment"])
def test_a_segments_contents_are_not_counted(code):
  data = jpeg()
  body = segment(code, b"Exif\0\0" + b"\xff\xda" * 5000)
  assert jpeg_problem(data[:2] + body + data[2:]) is None
  assert decode_image(data[:2] + body + data[2:]).shape == (48, 48, 1)


def test_an_end_inside_a_segment_does_not_hide_the_scans_after_it():
  data = with_scans(jpeg(), 101, between=segment(0xFE, b"\xff\xd9"))
  with pytest.raises(ItemError, match="more than 100 scans: damaged or hostile"):
    decode_image(data)


@pytest.mark.parametrize(
  "between",
  [b"", b"\xff\xff\xff", b"\xff\xd0", b"\xff\0", b"\xff\x02", b"\xff\xfe\0\0", b"any"],
  ids=["nothing", "padding", "restart", "data", "reserved", "short", "garbage"],
)
def test_scans_are_counted_whatever_lies_between_them(monkeypatch, between):
  assert count(with_scans(jpeg(), 20, between), monkeypatch) == 6 + 20


def test_the_hundredth_scan_is_let_in_and_no_more():
  assert decode_image(with_scans(jpeg(), 94)).shape == (48, 48, 1)
  with pytest.raises(ItemError, match="more than 100 scans: damaged or hostile"):
    decode_image(with_scans(jpeg(), 95))


def test_scans_are_counted_in_the_first_of_several_pictures():
  data = jpeg("MPO", save_all=True, append_images=[noise()])
  with Image.open(io.BytesIO(data)) as image:
    assert image.format == "MPO"
  assert decode_image(data).shape == (48, 48, 1)
  first = data.index(b"\xff\xd9\xff\xd8")  # the end of one picture and the start of the next
  last = data.rindex(b"\xff\xda", 0, first)
  with pytest.raises(ItemError, match="more than 100 scans"):
    decode_image(data[:first] + 95 * data[last:first] + data[first:])


def test_segments_without_number_are_refused_before_pillow_keeps_them():
  data = jpeg()
  with pytest.raises(ItemError, match="more than 10,000 segments"):
    decode_image(data[:2] + segment(0xFE, b"") * 10_001 + data[2:])


def test_damaged_bytes_never_raise():
  rng = random.Random(0)
  data = with_scans(jpeg(), 101)
  for _ in range(300):
    cut = bytearray(data[: rng.randrange(len(data))])
    for _ in range(min(8, len(cut))):
      cut[rng.randrange(len(cut))] = rng.choice((0, 0xFF, 0xDA, rng.randrange(256)))
    jpeg_problem(bytes(cut))
  for short in (b"", b"\xff", b"\xff\xd8\xff", b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xda\0"):
    assert jpeg_problem(short) is None


def test_a_large_photograph_costs_a_moment():
  # 20 MB of a scan's data, in which one byte of 256 is FF and so followed by a zero.
  body = random.Random(0).randbytes(20 * 2**20).replace(b"\xff", b"\xff\0")
  before = time.process_time()
  assert jpeg_problem(b"\xff\xd8" + segment(0xDA, bytes(10)) + body) is None
  assert time.process_time() - before < 1  # measured: 0.01 s
