"""Preparing sets in colour, and sets that are larger than memory."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from raw_files import folder, png, run

from dcgan_jax import prepare
from dcgan_jax.data import pixel_file, reports, synthetic
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)


def portrait(index, side):
  """A built-in face of `side` pixels in the middle of a gray picture of 150."""
  canvas = Image.new("L", (150, 150), 120)
  face = Image.fromarray(synthetic.render(0, index, index + 1).images[0, :, :, 0])
  canvas.paste(face.resize((side, side), Image.Resampling.BICUBIC), ((150 - side) // 2,) * 2)
  return png(np.asarray(canvas))


def test_a_folder_in_colour_keeps_its_colours_and_size(tmp_path):
  raw = folder(tmp_path / "raw", {f"{i}.png": png(one) for i, one in enumerate(PICTURES)})
  report = run(tmp_path, "folder", f"--source={raw}", "--size=64", "--color")
  assert report["image_shape"] == [64, 64, 3]
  prepared = load_prepared("folder", "train", str(tmp_path))
  np.testing.assert_array_equal(prepared.images, PICTURES)


def test_the_size_can_change_alone(tmp_path):
  raw = folder(tmp_path / "raw", {"a.png": png(PICTURES[0])})
  run(tmp_path, "folder", f"--source={raw}", "--size=32")
  assert load_prepared("folder", "train", str(tmp_path)).images.shape == (1, 32, 32, 1)


def test_another_shape_is_another_set(tmp_path):
  raw = folder(tmp_path / "raw", {"a.png": png(PICTURES[0])})
  run(tmp_path, "folder", f"--source={raw}")
  expected = r"otherwise:\n  image_shape was \(48, 48, 1\), now \(64, 64, 3\)\n"
  with pytest.raises(UserError, match=expected):
    run(tmp_path, "folder", f"--source={raw}", "--size=64", "--color")


def test_celeba_has_the_published_splits(tmp_path, capsys):
  files = {f"img_align_celeba/00000{i + 1}.jpg": png(one) for i, one in enumerate(PICTURES)}
  splits = "000001.jpg 2\n000002.jpg 0\n000003.jpg 1\n"
  raw = folder(tmp_path / "raw", {**files, "list_eval_partition.txt": splits.encode()})
  report = run(tmp_path, "celeba", f"--source={raw}")
  assert report["image_shape"] == [64, 64, 3]
  for split, index in {"train": 1, "validation": 2, "test": 0}.items():
    prepared = load_prepared("celeba", split, str(tmp_path))
    np.testing.assert_array_equal(prepared.images, PICTURES[[index]])
    assert prepared.labels.tolist() == [-1]
    assert prepared.sources == (f"img_align_celeba/00000{index + 1}.jpg",)
  assert "note                splits from list_eval_partition.txt" in capsys.readouterr().out


def test_a_list_of_splits_that_appears_later_is_another_source(tmp_path):
  raw = folder(tmp_path / "raw", {"000001.jpg": png(PICTURES[0])})
  run(tmp_path, "celeba", f"--source={raw}")
  (tmp_path / "list_eval_partition.txt").write_text("000001.jpg 0\n")
  with pytest.raises(UserError, match="the source's files have changed since then"):
    run(tmp_path, "celeba", f"--source={raw}")


def test_tfdss_celeb_a_is_asked_for_by_name(tmp_path, monkeypatch):
  monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
  with pytest.raises(UserError, match=rf"celeb_a is not prepared in {tmp_path}/tfds"):
    run(tmp_path, "celeba", "--source=tfds")


def test_pictures_without_a_usable_face_are_dropped_and_counted(tmp_path, capsys):
  pytest.importorskip("cv2")
  blank = png(np.full((150, 150), 120, np.uint8))
  files = {
    "b/1.png": portrait(0, 96),
    "a/2.png": portrait(1, 96),
    "a/3.png": blank,
    "a/4.png": portrait(0, 30),
  }
  raw = folder(tmp_path / "raw", files)
  report = run(tmp_path, "faces", f"--source={raw}")
  assert (report["images"], report["read"], report["skipped"]) == (2, 4, [])
  assert report["dropped"] == {
    "constant": 0,
    "duplicate": 0,
    "no face found": 1,
    "face below 32 pixels": 1,
  }
  printed = re.sub(" +", " ", capsys.readouterr().out)
  assert "kept 2 of 4 images\n" in printed
  assert "dropped 1 no face found; 1 face below 32 pixels\n" in printed
  listed = json.loads((tmp_path / "faces" / reports.VERSION / "dropped.json").read_text())
  assert {one["item"]: one["reason"] for one in listed} == {
    f"{raw}/a/3.png": "no face found",
    f"{raw}/a/4.png": "face below 32 pixels",
  }
  prepared = load_prepared("faces", "train", str(tmp_path))
  assert prepared.images.shape == (2, 64, 64, 3)
  assert prepared.sources == ("a/2.png", "b/1.png")
  assert prepared.labels.tolist() == [-1, -1]


def test_a_damaged_picture_is_an_error_even_where_faces_are_dropped(tmp_path):
  pytest.importorskip("cv2")
  raw = folder(tmp_path / "raw", {"1.png": portrait(0, 96), "2.png": b"hello"})
  with pytest.raises(UserError, match=r"2\.png: not an image(.|\n)*--on-error=skip"):
    run(tmp_path, "faces", f"--source={raw}")
  report = run(tmp_path, "faces", f"--source={raw}", "--on-error=skip")
  assert (report["images"], len(report["skipped"])) == (1, 1)


def test_pictures_without_any_face_are_no_set(tmp_path):
  pytest.importorskip("cv2")
  raw = folder(tmp_path / "raw", {"1.png": png(np.full((150, 150), 120, np.uint8))})
  expected = r"not one image could be used; 1 were dropped, the first:\n.*1\.png: no face found"
  with pytest.raises(UserError, match=expected):
    run(tmp_path, "faces", f"--source={raw}")


def test_a_set_larger_than_memory_is_the_same_set(tmp_path, monkeypatch):
  raw = folder(tmp_path / "raw", {f"{i}.png": png(one) for i, one in enumerate(PICTURES)})
  arguments = ("folder", f"--source={raw}", "--size=64", "--color")
  monkeypatch.setattr(pixel_file, "LIMIT", 2 * 64 * 64 * 3)
  run(tmp_path, *arguments, "--name=large")
  prepared = load_prepared("large", "train", str(tmp_path))
  assert isinstance(prepared.images, np.memmap)
  np.testing.assert_array_equal(prepared.images, PICTURES)
  np.testing.assert_array_equal(
    np.load(tmp_path / "large" / reports.VERSION / "train.npy"), PICTURES
  )


def test_a_disk_that_fills_up_at_the_pixel_file_says_so(tmp_path, monkeypatch):
  raw = folder(tmp_path / "raw", {"a.png": png(PICTURES[0])})

  def full(*args):
    raise OSError(28, "No space left on device")

  monkeypatch.setattr(pixel_file, "writing", full)
  with pytest.raises(UserError, match=r"could not be written to .*No space left on device"):
    prepare.main(["folder", f"--source={raw}", f"--data-dir={tmp_path / 'data'}"])
  assert list((tmp_path / "data").iterdir()) == []
