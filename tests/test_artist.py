import threading

import numpy as np
import pytest
from PIL import Image

from dcgan_jax import figures
from dcgan_jax.artist import Artist, Drawing


class Board:
  """What TensorBoard was given, and by which thread."""

  def __init__(self):
    self.given, self.loading = [], threading.Lock()

  def images(self, step, images):
    self.given.append((threading.current_thread(), step, images))


class Awaited:
  """Samples that are not computed before `ready` is set."""

  def __init__(self, images):
    self.ready, self._images = threading.Event(), images

  def __array__(self, dtype=None, copy=None):
    assert self.ready.wait(60)
    return self._images


SAMPLES = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1)


@pytest.fixture
def board():
  return Board()


@pytest.fixture
def artist(tmp_path, board):
  (tmp_path / "samples").mkdir()
  artist = Artist(tmp_path, board)
  yield artist
  artist.close()


def test_drawing_does_not_wait_for_the_device(artist, tmp_path, board):
  samples = Awaited(SAMPLES)
  artist.draw(Drawing(7, {"": samples}, None, []))
  assert not list((tmp_path / "samples").iterdir())
  samples.ready.set()
  artist.wait()
  # Two rows of two, each pixel doubled, 2 white ones between them, doubled as well.
  picture = np.asarray(Image.open(tmp_path / "samples" / "00000007.png"))
  assert picture.shape == (8, 8)
  assert picture[0, 0] == 0
  assert picture[7, 7] == 3
  assert (tmp_path / "curves.png").exists()


def test_tensorboard_gets_the_pictures_from_the_thread_that_trains(artist, board):
  artist.draw(Drawing(7, {"": SAMPLES, "_ema": SAMPLES}, 4, []))
  artist.draw(Drawing(8, {"": SAMPLES}, 4, []))
  artist.wait()
  assert [(thread, step, list(images)) for thread, step, images in board.given] == [
    (threading.current_thread(), 7, ["samples", "samples_ema"]),
    (threading.current_thread(), 8, ["samples"]),
  ]


def test_the_curves_are_those_of_the_rows_at_the_time(artist, tmp_path):
  samples, rows = Awaited(SAMPLES), []
  artist.draw(Drawing(1, {"": samples}, None, rows))
  rows += [{"step": s, "discriminator_loss": float(s), "generator_loss": 1.0} for s in (1, 2)]
  samples.ready.set()
  artist.wait()
  before = (tmp_path / "curves.png").read_bytes()
  artist.draw(Drawing(2, {"": SAMPLES}, None, rows))
  artist.wait()
  assert (tmp_path / "curves.png").read_bytes() != before


def test_what_could_not_be_written_is_told_with_the_next_drawing(artist, tmp_path):
  (tmp_path / "samples").rmdir()
  (tmp_path / "samples").write_text("in the way")
  artist.draw(Drawing(1, {"": SAMPLES}, None, []))
  with pytest.raises(OSError, match="samples"):
    artist.draw(Drawing(2, {"": SAMPLES}, None, []))
  artist.wait()  # it is told once


def test_it_does_not_draw_while_tensorflow_is_loaded(artist, board, monkeypatch):
  at_it = []
  for name in ("save_png", "save_curves"):
    monkeypatch.setattr(figures, name, lambda *_, **__: at_it.append(board.loading.locked()))
  artist.draw(Drawing(7, {"": SAMPLES}, None, []))
  artist.wait()
  assert at_it == [True, True]


class Page:
  """What was asked of a page, and whether TensorFlow was kept from loading meanwhile."""

  def __init__(self, board, due=True):
    self.is_due, self.written, self._board = due, [], board

  def due(self):
    return self.is_due

  def write(self, training=True):
    self.written.append((training, self._board.loading.locked()))


@pytest.fixture
def page(artist, board):
  artist._page = Page(board)
  return artist._page


def test_the_page_is_written_with_a_drawing_where_it_is_due(artist, page):
  artist.draw(Drawing(7, {"": SAMPLES}, None, []))
  artist.wait()
  page.is_due = False
  artist.draw(Drawing(8, {"": SAMPLES}, None, []))
  artist.wait()
  assert page.written == [(True, True)]


def test_the_page_is_written_between_drawings_where_it_is_due(artist, page, board):
  artist.refresh(4)
  artist.wait()
  page.is_due = False
  artist.refresh(5)
  artist.wait()
  assert page.written == [(True, True)]
  assert board.given == []  # no picture was drawn


def test_the_page_does_not_wait_for_a_drawing(artist, page):
  samples = Awaited(SAMPLES)
  artist.draw(Drawing(7, {"": samples}, None, []))
  artist.refresh(8)  # else it would wait here, for ever
  samples.ready.set()
  artist.wait()
  assert page.written == [(True, True)]


def test_what_could_not_be_drawn_is_told_as_the_page_is_written(artist, page, tmp_path):
  (tmp_path / "samples").rmdir()
  (tmp_path / "samples").write_text("in the way")
  artist.draw(Drawing(1, {"": SAMPLES}, None, []))
  artist._pending[1].exception()  # it has been drawn by then
  with pytest.raises(OSError, match="samples"):
    artist.refresh(2)


def test_at_the_end_the_page_says_that_nobody_trains_once_all_is_drawn(artist, page, tmp_path):
  page.is_due = False
  samples = Awaited(SAMPLES)
  artist.draw(Drawing(7, {"": samples}, None, []))
  samples.ready.set()
  artist.close()
  assert page.written == [(False, True)]
  assert (tmp_path / "samples" / "00000007.png").exists()


def test_the_page_of_a_workdir_is_written(artist, tmp_path):
  artist.refresh(4)
  artist.wait()
  assert '<span class="state">training</span>' in (tmp_path / "report.html").read_text()
  artist.close()
  assert "not finished" in (tmp_path / "report.html").read_text()


def test_a_page_that_cannot_be_written_is_said_and_ends_nothing(artist, tmp_path, capsys):
  (tmp_path / "report.html").mkdir()
  artist.refresh(4)
  artist.wait()
  artist.close()
  assert capsys.readouterr().err.count("report.html: not written: Is a directory") == 2
