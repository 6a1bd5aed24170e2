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
