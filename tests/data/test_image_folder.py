import numpy as np
import pytest
from modules_loaded import modules_loaded
from PIL import Image

from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.image_folder import load_images
from dcgan_jax.errors import UserError
from dcgan_jax.figures import save_png


def noise(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save(path, pixels, mode=None):
  path.parent.mkdir(parents=True, exist_ok=True)
  image = Image.fromarray(pixels)
  (image.convert(mode) if mode else image).save(path)


def refusal(path, shape=None):
  with pytest.raises(UserError) as caught:
    load_images(path, shape)
  return str(caught.value)


def test_pixels_come_back_as_they_were_whatever_their_size(tmp_path):
  pixels = noise(3, 20, 31)
  for index, image in enumerate(pixels):
    save(tmp_path / f"{index}.png", image)
  folder = load_images(tmp_path)
  np.testing.assert_array_equal(folder.images, pixels[..., None])
  assert folder.images.dtype == np.uint8
  assert folder.files == ("0.png", "1.png", "2.png")
  assert (folder.labels.tolist(), folder.class_names) == ([-1, -1, -1], ())


def test_colour_keeps_three_channels(tmp_path):
  pixels = noise(5, 6, 3)
  save(tmp_path / "a.png", pixels)
  save(tmp_path / "b.bmp", pixels)
  np.testing.assert_array_equal(load_images(tmp_path).images, np.stack([pixels, pixels]))


def test_first_level_folders_are_classes_and_the_rest_is_unlabelled(tmp_path):
  for index, name in enumerate(["sad/deep/er/1.png", "happy/2.png", "3.png", ".hidden/4.png"]):
    save(tmp_path / name, noise(4, 4, seed=index))
  (tmp_path / "notes.txt").write_text("no image")
  folder = load_images(tmp_path)
  assert folder.files == ("3.png", "happy/2.png", "sad/deep/er/1.png")
  assert folder.class_names == ("happy", "sad")
  assert folder.labels.tolist() == [-1, 0, 1]
  assert folder.labels.dtype == np.int32
  np.testing.assert_array_equal(folder.images[1, :, :, 0], noise(4, 4, seed=1))


def test_the_fingerprint_is_that_of_a_prepared_set(tmp_path):
  save(tmp_path / "a" / "1.png", noise(4, 4))
  folder = load_images(tmp_path)
  assert folder.fingerprint == fingerprint(noise(1, 4, 4, 1), np.array([0], np.int32))


def test_gray_saved_as_colour_is_gray_where_gray_is_wanted(tmp_path):
  save(tmp_path / "a.png", noise(4, 4), "RGB")
  save(tmp_path / "b.png", noise(4, 4), "RGBA")
  gray = load_images(tmp_path, (4, 4, 1)).images
  np.testing.assert_array_equal(gray[0, :, :, 0], noise(4, 4))
  assert gray.shape == (2, 4, 4, 1)
  assert load_images(tmp_path).images.shape == (2, 4, 4, 3)


def test_gray_saved_as_colour_joins_gray_files(tmp_path):
  save(tmp_path / "a.png", noise(4, 4), "RGB")
  save(tmp_path / "b.png", noise(4, 4))
  assert load_images(tmp_path).images.shape == (2, 4, 4, 1)


def test_a_palette_is_looked_up(tmp_path):
  image = Image.fromarray(np.zeros((4, 4), np.uint8)).convert("P")
  image.putpalette([10, 20, 30] + [0, 0, 0] * 255)
  image.save(tmp_path / "a.png")
  assert load_images(tmp_path).images[0, 0, 0].tolist() == [10, 20, 30]


def test_colour_among_gray_is_refused(tmp_path):
  save(tmp_path / "a.png", noise(4, 4))
  save(tmp_path / "b.png", noise(4, 4, 3))
  assert "b.png: a colour image, but a.png is grayscale." in refusal(tmp_path)


def test_colour_where_gray_is_wanted_is_refused(tmp_path):
  save(tmp_path / "a.png", noise(4, 4, 3))
  assert "a.png: a colour image, but grayscale is expected." in refusal(tmp_path, (4, 4, 1))


def test_gray_where_colour_is_wanted_is_refused(tmp_path):
  save(tmp_path / "a.png", noise(4, 4))
  assert "a.png: a grayscale image, expected colour" in refusal(tmp_path, (4, 4, 3))


def test_the_first_other_size_is_named_with_both_sizes(tmp_path):
  save(tmp_path / "a.png", noise(4, 6))
  save(tmp_path / "b.png", noise(4, 8))
  message = refusal(tmp_path)
  assert message.startswith(f"{tmp_path / 'b.png'}: 8×4 pixels, expected 6×4 as in a.png.\n")
  assert "Nothing is resized" in message
  assert f"{tmp_path / 'a.png'}: 6×4 pixels, expected 8×4.\n" in refusal(tmp_path, (4, 8, 1))


def test_no_such_folder_is_told(tmp_path):
  assert "nowhere: no such folder" in refusal(tmp_path / "nowhere")


def test_a_folder_without_images_is_told(tmp_path):
  assert "no images (it is empty)" in refusal(tmp_path)
  (tmp_path / "a.txt").write_text("text")
  assert "no images (1 other files)" in refusal(tmp_path)


def test_a_file_that_is_no_folder_is_refused(tmp_path):
  save(tmp_path / "a.png", noise(4, 4))
  assert "neither a folder of images nor an .npz file" in refusal(tmp_path / "a.png")


def test_damaged_images_are_named(tmp_path):
  save(tmp_path / "a.png", noise(40, 40))
  (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
  assert f"{tmp_path / 'a.png'}: damaged image: " in refusal(tmp_path)
  (tmp_path / "a.png").write_bytes(b"hello")
  assert "a.png: not an image; it is text that begins 'hello'" in refusal(tmp_path)
  (tmp_path / "a.png").write_bytes(b"")
  assert "a.png: the file is empty" in refusal(tmp_path)


def test_a_link_to_nothing_is_named(tmp_path):
  (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
  assert "a.png: cannot be read" in refusal(tmp_path)


def test_pixels_that_8_bits_would_alter_are_refused(tmp_path):
  Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / "a.png")
  assert "save it as 8-bit grayscale or RGB" in refusal(tmp_path)


def test_transparency_is_refused(tmp_path):
  save(tmp_path / "a.png", noise(4, 4, 4))
  assert "has transparent pixels" in refusal(tmp_path)


@pytest.mark.parametrize("channels", [1, 3])
def test_an_npz_as_the_sample_command_writes_it(tmp_path, channels):
  images = noise(3, 4, 5, channels)
  np.savez_compressed(tmp_path / "faces.npz", images=images)
  loaded = load_images(tmp_path / "faces.npz", (4, 5, channels))
  np.testing.assert_array_equal(loaded.images, images)
  assert loaded.files == ("image 0", "image 1", "image 2")
  assert (loaded.labels.tolist(), loaded.class_names) == ([-1, -1, -1], ())


def test_an_npz_and_the_same_images_as_files_are_the_same(tmp_path):
  images = noise(3, 4, 5, 1)
  np.savez_compressed(tmp_path / "faces.npz", images=images)
  for index, image in enumerate(images):
    save_png(tmp_path / "faces" / f"{index}.png", image)
  from_npz, from_files = load_images(tmp_path / "faces.npz"), load_images(tmp_path / "faces")
  assert from_npz.fingerprint == from_files.fingerprint


def test_labels_of_an_npz_name_the_classes(tmp_path):
  images, names = noise(3, 4, 5, 1), np.array(["sad", "happy"])
  np.savez(tmp_path / "faces.npz", images=images, labels=[1, 0, 1], class_names=names)
  loaded = load_images(tmp_path / "faces.npz")
  np.testing.assert_array_equal(loaded.images, images)
  assert [loaded.class_names[label] for label in loaded.labels] == ["happy", "sad", "happy"]


@pytest.mark.parametrize(
  ("labels", "names"),
  [
    ([0, 1], np.array(["a", "b"])),
    ([0, 1, 2], np.array(["a", "b"])),
    ([0, 1, -1], np.array(["a", "b"])),
    ([0.0, 1.0, 1.0], np.array(["a", "b"])),
    ([0, 1, 1], np.array([1, 2])),
    ([0, 1, 1], None),
  ],
)
def test_labels_that_name_no_class_are_refused(tmp_path, labels, names):
  arrays = {"class_names": names} if names is not None else {}
  np.savez(tmp_path / "faces.npz", images=noise(3, 4, 5, 1), labels=labels, **arrays)
  assert "'labels' must be 3 whole numbers" in refusal(tmp_path / "faces.npz")


@pytest.mark.parametrize(
  ("arrays", "message"),
  [
    ({"arr_0": noise(3, 4, 5, 1)}, "holds no 'images' (it holds arr_0)"),
    ({"images": noise(3, 4, 5, 1) / 255}, "'images' is float64, expected uint8.\nSave what"),
    ({"images": np.full((1, 4, 5, 1), np.nan)}, "the model that drew them has diverged"),
    ({"images": noise(3, 4, 5)}, "'images' has shape (3, 4, 5)"),
    ({"images": noise(3, 1, 4, 5)}, "'images' has shape (3, 1, 4, 5)"),
    ({"images": noise(0, 4, 5, 1)}, "n >= 1"),
    ({"images": noise(3, 8, 5, 1)}, "5×8 pixels, expected 5×4."),
    ({"images": np.array([{"a": 1}])}, "cannot be read"),  # pickled
  ],
)
def test_another_kind_of_array_is_refused(tmp_path, arrays, message):
  np.savez(tmp_path / "faces.npz", **arrays)
  refused = refusal(tmp_path / "faces.npz", (4, 5, 1))
  assert str(tmp_path / "faces.npz") in refused
  assert message in refused


def test_a_damaged_npz_is_refused(tmp_path):
  np.savez(tmp_path / "faces.npz", images=noise(3, 4, 5, 1))
  data = bytearray((tmp_path / "faces.npz").read_bytes())
  (tmp_path / "faces.npz").write_bytes(data[: len(data) // 2])
  assert "not an .npz file, in spite of its name" in refusal(tmp_path / "faces.npz")
  data[data.index(noise(3, 4, 5, 1).tobytes()[:8])] ^= 255  # zip's checksum no longer fits
  (tmp_path / "faces.npz").write_bytes(data)
  assert "cannot be read" in refusal(tmp_path / "faces.npz")


def test_reading_a_folder_does_not_load_tensorflow(tmp_path):
  save(tmp_path / "a.png", noise(4, 4))
  program = (
    "import pathlib\n"
    "from dcgan_jax.data.image_folder import load_images\n"
    "load_images(pathlib.Path(sys.argv[1]))\n"
  )
  assert modules_loaded(program, tmp_path) == set()
