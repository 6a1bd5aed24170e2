import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data.decode import ItemError, decode_image, open_image


def encoded(image, file_format="PNG"):
  buffer = io.BytesIO()
  image.save(buffer, file_format)
  return buffer.getvalue()


def noise(*shape, dtype=np.uint8, high=256):
  return np.random.default_rng(0).integers(0, high, shape).astype(dtype)


def test_grayscale_pixels_pass_unchanged():
  pixels = noise(48, 48)
  image = decode_image(encoded(Image.fromarray(pixels)))
  assert image.dtype == np.uint8
  np.testing.assert_array_equal(image[:, :, 0], pixels)


def test_sixteen_bit_gray_is_scaled_not_clipped():
  pixels = np.zeros((48, 48), np.uint16)
  # v/257 rounded: 65535/257 = 255, 32768/257 = 127.50 → 128, 128/257 = 0.498 → 0, 129/257 → 1.
  pixels[0, :4] = 65535, 32768, 128, 129
  image = decode_image(encoded(Image.fromarray(pixels)))
  assert image[0, :4, 0].tolist() == [255, 128, 0, 1]


def test_colour_becomes_luma():
  pixels = np.zeros((48, 48, 3), np.uint8)
  pixels[:] = 200, 100, 50
  # ITU-R 601: 0.299·200 + 0.587·100 + 0.114·50 = 59.8 + 58.7 + 5.7 = 124.2.
  assert set(decode_image(encoded(Image.fromarray(pixels))).ravel()) == {124}


def test_transparency_lies_on_white():
  pixels = np.zeros((48, 48, 4), np.uint8)  # black …
  pixels[0, :3, 3] = 255, 0, 51  # … opaque, transparent, one fifth opaque: 255·(1 − 0.2) = 204
  assert decode_image(encoded(Image.fromarray(pixels)))[0, :3, 0].tolist() == [0, 255, 204]


def test_colour_stays_in_a_colour_set():
  pixels = noise(64, 64, 3)
  image = decode_image(encoded(Image.fromarray(pixels)), (64, 64, 3))
  assert image.dtype == np.uint8
  np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gray_is_repeated_in_a_colour_set(dtype):
  pixels = noise(64, 64)
  saved = pixels.astype(dtype) * (257 if dtype == np.uint16 else 1)
  image = decode_image(encoded(Image.fromarray(saved)), (64, 64, 3))
  np.testing.assert_array_equal(image, pixels[:, :, None].repeat(3, axis=2))


def test_transparency_lies_on_white_in_a_colour_set():
  pixels = np.zeros((16, 16, 4), np.uint8)
  pixels[:, :, 0] = 255  # red …
  pixels[0, :2, 3] = 255, 51  # … opaque, one fifth opaque: 255·(1 − 0.2) = 204
  image = decode_image(encoded(Image.fromarray(pixels)), (16, 16, 3))
  assert image[0, :3].tolist() == [[255, 0, 0], [255, 204, 204], [255, 255, 255]]


def test_cmyk_becomes_rgb():
  saved = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # no cyan: red
  buffer = io.BytesIO()
  saved.save(buffer, "JPEG")
  red, green, blue = decode_image(buffer.getvalue(), (16, 16, 3))[8, 8]
  assert red > 245
  assert max(green, blue) < 10


def test_palette_is_looked_up():
  image = Image.fromarray(np.zeros((48, 48), np.uint8)).convert("P")
  image.putpalette([10, 10, 10] + [0, 0, 0] * 255)
  assert set(decode_image(encoded(image)).ravel()) == {10}


def test_black_and_white_becomes_0_and_255():
  bits = noise(48, 48, high=2).astype(bool)
  image = decode_image(encoded(Image.fromarray(bits)))
  np.testing.assert_array_equal(image[:, :, 0], bits * 255)


def test_another_size_is_resized_with_antialiasing():
  checks = np.indices((192, 192)).sum(axis=0) % 2 * 255
  image = decode_image(encoded(Image.fromarray(checks.astype(np.uint8))))
  # Averaged over 4×4 checks every pixel is middle gray; taking every fourth would be 0 or 255.
  assert image.shape == (48, 48, 1)
  assert np.abs(image.astype(int) - 127).max() <= 1


def test_an_oblong_image_is_cropped_to_its_middle_square():
  pixels = np.zeros((48, 96), np.uint8)
  pixels[:, 24:72] = noise(48, 48)
  image = decode_image(encoded(Image.fromarray(pixels)))
  np.testing.assert_array_equal(image[:, :, 0], pixels[:, 24:72])


def test_exif_rotation_is_applied():
  pixels = np.zeros((48, 48), np.uint8)
  pixels[:24] = 255
  buffer = io.BytesIO()
  exif = Image.Exif()
  exif[0x0112] = 3  # orientation: upside down
  Image.fromarray(pixels).save(buffer, "JPEG", exif=exif)
  image = decode_image(buffer.getvalue())
  assert image[0].max() < 10
  assert image[-1].min() > 245


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_an_opened_image_keeps_its_size_and_pixels(mode):
  saved = Image.fromarray(noise(5, 7)).convert(mode)
  with open_image(encoded(saved)) as image:
    assert (image.mode, image.size) == (mode, (7, 5))
    np.testing.assert_array_equal(np.asarray(image), np.asarray(saved))


def test_an_opened_image_is_upright():
  exif = Image.Exif()
  exif[0x0112] = 6  # orientation: to be turned a quarter clockwise
  buffer = io.BytesIO()
  Image.fromarray(noise(5, 7)).save(buffer, "PNG", exif=exif)
  with open_image(buffer.getvalue()) as image:
    np.testing.assert_array_equal(np.asarray(image), np.rot90(noise(5, 7), k=-1))


def test_an_opened_animation_is_its_first_frame():
  first, second = (Image.fromarray(np.full((5, 7), gray, np.uint8)) for gray in (10, 200))
  buffer = io.BytesIO()
  first.save(buffer, "GIF", save_all=True, append_images=[second])
  with open_image(buffer.getvalue()) as image:
    assert set(np.asarray(image.convert("L")).ravel()) == {10}


def test_what_pillow_raises_at_converting_is_told_as_damage():
  with (
    pytest.raises(ItemError, match=r"^damaged image: image has wrong mode$"),
    open_image(encoded(Image.fromarray(noise(5, 7)))),
  ):
    raise ValueError("image has wrong mode")  # as Pillow's convert does


def test_a_reason_found_at_converting_is_kept():
  with (
    pytest.raises(ItemError, match=r"^too dark$"),
    open_image(encoded(Image.fromarray(noise(5, 7)))),
  ):
    raise ItemError("too dark")


def chunk(kind, body):
  crc = zlib.crc32(kind + body)
  return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


@pytest.mark.parametrize("side", [9_000, 100_000])
def test_absurd_dimensions_are_refused_before_decoding(side):
  header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
  bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
  with pytest.raises(ItemError, match="pixels"):
    decode_image(bomb)


def test_a_truncated_jpeg_is_refused():
  data = encoded(Image.fromarray(noise(48, 48)), "JPEG")
  with pytest.raises(ItemError, match=r"damaged image: .*truncated"):
    decode_image(data[: len(data) // 2])


def test_text_is_recognised_as_text():
  with pytest.raises(ItemError, match="not an image; it is text that begins 'hello'"):
    decode_image(b"hello")


def test_other_bytes_are_shown():
  with pytest.raises(ItemError, match="not an image; it begins with the bytes 00 01 ff"):
    decode_image(b"\x00\x01\xff")


def test_an_empty_file_is_refused():
  with pytest.raises(ItemError, match="the file is empty"):
    decode_image(b"")


def test_floating_point_pixels_are_refused():
  image = Image.fromarray(np.zeros((48, 48), np.float32))
  with pytest.raises(ItemError, match="no agreed range"):
    decode_image(encoded(image, "TIFF"))


def test_32_bit_pixels_are_refused_whatever_their_values():
  image = Image.fromarray(np.full((48, 48), 200, np.int32))
  with pytest.raises(ItemError, match="32-bit or signed pixels have no agreed range"):
    decode_image(encoded(image, "TIFF"))


def test_16_bits_of_a_pgm_are_scaled():
  # P5, maxval 65,535, the most significant byte first: 0x8000/257 = 127.50 → 128.
  image = decode_image(b"P5 48 48 65535\n" + b"\x80\x00" * 48 * 48)
  assert set(image.ravel()) == {128}


def test_flipped_bytes_never_raise_anything_else():
  rng = np.random.default_rng(0)
  for file_format in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
    data = np.frombuffer(encoded(Image.fromarray(noise(48, 48)), file_format), np.uint8)
    for _ in range(40):
      damaged = data.copy()
      damaged[rng.integers(0, len(data), 8)] = rng.integers(0, 256, 8)
      with contextlib.suppress(ItemError):
        assert decode_image(damaged.tobytes()).shape == (48, 48, 1)
