import numpy as np
from PIL import Image

from dcgan_jax import figures


def test_a_grid_lays_images_out_row_by_row_on_white():
  # Three 1×1 images in two columns with a gap of 1: a 3×3 sheet, the fourth place white.
  images = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1)
  sheet = figures.grid(images, columns=2, gap=1)
  np.testing.assert_array_equal(sheet[..., 0], [[10, 255, 20], [255, 255, 255], [30, 255, 255]])


def test_a_grid_is_square_by_default():
  assert figures.grid(np.zeros((64, 48, 48, 1), np.uint8), gap=2).shape == (398, 398, 1)


def test_a_saved_picture_reads_back_enlarged(tmp_path):
  image = np.array([[[0], [255]]], np.uint8)
  figures.save_png(tmp_path / "a.png", image, scale=2)
  np.testing.assert_array_equal(Image.open(tmp_path / "a.png"), [[0, 0, 255, 255]] * 2)


def test_colour_pictures_keep_their_channels(tmp_path):
  image = np.array([[[1, 2, 3]]], np.uint8)
  figures.save_png(tmp_path / "a.png", image)
  np.testing.assert_array_equal(Image.open(tmp_path / "a.png"), image)


def test_a_film_shows_its_frames_in_turn_and_for_ever(tmp_path):
  frames = np.array([0, 100, 255], np.uint8).reshape(3, 1, 1, 1)
  figures.save_gif(tmp_path / "a.gif", frames, seconds=0.25, scale=3)
  film = Image.open(tmp_path / "a.gif")
  assert (film.n_frames, film.size, film.info["loop"]) == (3, (3, 3), 0)
  for i, value in enumerate((0, 100, 255)):
    film.seek(i)
    assert film.info["duration"] == 250
    np.testing.assert_array_equal(film.convert("L"), np.full((3, 3), value))


def test_curves_are_drawn_from_any_rows(tmp_path):
  rows = [
    {"step": s, "discriminator_loss": 1 / s, "generator_loss": s, "accuracy_real": 0.5,
     "accuracy_fake": 0.75}
    for s in range(1, 9)
  ]  # fmt: skip
  figures.save_curves(tmp_path / "none.png", [])
  figures.save_curves(tmp_path / "some.png", rows)
  empty, full = (
    np.asarray(Image.open(tmp_path / f"{n}.png").convert("L")) for n in ("none", "some")
  )
  assert empty.shape == full.shape
  # Lines were drawn: many pixels differ from the empty axes.
  assert (empty != full).sum() > 1000
