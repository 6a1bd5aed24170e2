import io

import numpy as np
import pytest

from dcgan_jax.data.csv_rows import face_of, parse_pixels, read_rows
from dcgan_jax.data.decode import ItemError
from dcgan_jax.errors import UserError

PIXELS = " ".join(str(i % 256) for i in range(48 * 48))


def read(text, num_classes=7):
  data = text if isinstance(text, bytes) else text.encode()
  columns, rows = read_rows(io.BytesIO(data), "fer.csv")
  return [face_of(row, columns, num_classes) for row in rows]


def test_a_row_becomes_a_face():
  (face,) = read(f"emotion,pixels,Usage\n3,{PIXELS},PublicTest\n")
  assert (face.source, face.label, face.split, face.subject) == ("row 1", 3, "validation", "")
  # Pixel 300 of the row is line 300 // 48 = 6, column 12, and its value 300 % 256 = 44.
  assert face.image.shape == (48, 48, 1)
  assert face.image[6, 12, 0] == 44


@pytest.mark.parametrize(
  "text",
  [
    f"\ufeffemotion,pixels,Usage\n1,{PIXELS},Training\n",
    f"emotion,pixels,Usage\r\n1,{PIXELS},Training\r\n",
    f'"emotion","pixels","Usage"\n"1","{PIXELS}","Training"\n',
    f"emotion, Usage, pixels\n1, Training, {PIXELS}\n",
    f"Usage,id,PIXELS,Emotion\nTraining,77,{PIXELS},1\n",
    f" emotion , pixels , Usage \n 1 ,  {PIXELS.replace(' ', '  ')} , Training \n\n",
    f"emotion,pixels,Usage\n1,{PIXELS},Training",
  ],
  ids=["BOM", "CRLF", "quotes", "reordered", "extra column", "spaces", "no last newline"],
)
def test_dialects_read_alike(text):
  (face,) = read(text)
  assert (face.source, face.label, face.split) == ("row 1", 1, "train")
  np.testing.assert_array_equal(face.image.ravel(), np.arange(48 * 48) % 256)


@pytest.mark.parametrize(
  ("row", "reason"),
  [
    (f"0,{PIXELS[:-3]},Training", "2,303 pixels, expected 2,304 (48×48)"),
    (f"0,{PIXELS} 1,Training", "2,305 pixels, expected 2,304 (48×48)"),
    ("0,,Training", "0 pixels, expected 2,304 (48×48)"),
    (f"0,7 x{PIXELS[3:]},Training", "pixel 2 is 'x', not a whole number from 0 to 255"),
    (f"0,7 300{PIXELS[3:]},Training", "pixel 2 is 300, outside 0 to 255"),
    (f"0,-1{PIXELS[1:]},Training", "pixel 1 is '-1', not a whole number from 0 to 255"),
    (f"9,{PIXELS},Training", "label '9', expected a whole number from 0 to 6"),
    (f"-1,{PIXELS},Training", "label '-1', expected a whole number from 0 to 6"),
    (f"0,{PIXELS},Train", "Usage 'Train', expected one of Training, PublicTest, PrivateTest"),
    (f"0,{PIXELS}", "2 fields, expected 3 or more"),
  ],
)
def test_a_bad_row_says_what_is_wrong(row, reason):
  with pytest.raises(ItemError) as caught:
    read(f"emotion,pixels,Usage\n{row}\n")
  assert str(caught.value) == reason


def test_digits_of_other_scripts_are_no_pixels():
  with pytest.raises(ItemError, match="pixel 1 is '٣'"):
    parse_pixels("٣ " + PIXELS[2:])


def test_a_byte_outside_utf8_is_a_bad_pixel_of_its_row():
  with pytest.raises(ItemError, match="pixel 1 is '�'"):
    read(b"emotion,pixels,Usage\n0,\xff" + PIXELS[1:].encode() + b",Training\n")


def test_a_column_that_occurs_twice_is_refused():
  with pytest.raises(UserError, match=r"fer\.csv: the column 'emotion' occurs twice"):
    read(f"emotion,pixels,Usage,Emotion\n1,{PIXELS},Training,2\n")


class Endless(io.RawIOBase):
  """A header, and then zeros without a line end: what a small zip may unpack to."""

  def __init__(self):
    self.left, self.served = b"emotion,pixels,Usage\n", 0

  def readable(self):
    return True

  def readinto(self, buffer):
    part = self.left[: len(buffer)] or bytes(len(buffer))
    self.left = self.left[len(part) :]
    buffer[: len(part)] = part
    self.served += len(part)
    return len(part)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory():
  stream = Endless()
  with pytest.raises(UserError, match=r"row 1: not a CSV row: a line of more than 1,000,000"):
    read_all(stream)
  assert stream.served < 3_000_000


def read_all(stream):
  columns, rows = read_rows(io.BufferedReader(stream), "fer.csv")
  return [face_of(row, columns, 7) for row in rows]


def test_rows_are_counted_below_the_header_without_blank_lines():
  row = f"0,{PIXELS},Training\n"
  faces = read(f"emotion,pixels,Usage\n{row}\n\n{row}{row}")
  assert [face.source for face in faces] == ["row 1", "row 2", "row 3"]


def test_the_last_row_knows_it():
  row = f"0,{PIXELS},Training\n"
  _, rows = read_rows(io.BytesIO(f"emotion,pixels,Usage\n{row}{row}".encode()), "fer.csv")
  assert [row.is_last for row in rows] == [False, True]


@pytest.mark.parametrize(
  ("text", "message"),
  [
    ("", "fer.csv: the file is empty"),
    ("\n\n", "fer.csv: the file is empty"),
    ("emotion,pixels,Usage\n", "fer.csv: no data rows below the header"),
    ("emotion,pixels\n0,1 2 3\n", "fer.csv: no column 'Usage'; the header reads emotion, pixels"),
    ("a,b\n", "fer.csv: no column 'emotion' or 'pixels' or 'Usage'; the header reads a, b"),
  ],
)
def test_a_file_without_faces_says_so(text, message):
  with pytest.raises(UserError, match=message):
    read(text)


def test_a_quote_never_closed_names_its_row():
  row = f"0,{PIXELS},Training\n"
  text = f'emotion,pixels,Usage\n{row}"' + row * 30
  with pytest.raises(UserError, match=r"fer\.csv, row 2: not a CSV row"):
    read(text)


def test_blank_lines_without_end_are_refused():
  row = f"3,{PIXELS},Training\n"
  assert len(read("emotion,pixels,Usage\n" + row + "\n" * 100_000 + row)) == 2
  with pytest.raises(UserError, match=r"row 2: .*more than 100,000 blank lines in a row"):
    read("emotion,pixels,Usage\n" + row + "\n" * 100_001 + row)
