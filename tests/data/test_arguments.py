import pytest
from modules_loaded import modules_loaded

from dcgan_jax.data import arguments
from dcgan_jax.errors import UserError


def shape(*argv):
  return arguments.image_shape(arguments.parse(argv))


@pytest.mark.parametrize("kind", ["fer2013", "ckplus", "folder"])
def test_images_are_48_by_48_gray_where_nothing_else_is_said(kind):
  assert shape(kind, "--source=x") == (48, 48, 1)
  assert shape("synthetic") == (48, 48, 1)


@pytest.mark.parametrize("kind", ["celeba", "faces"])
def test_the_colour_kinds_are_64_by_64(kind):
  assert shape(kind, "--source=x") == (64, 64, 3)


def test_a_folder_has_the_size_and_colour_asked_for():
  assert shape("folder", "--source=x", "--size=96") == (96, 96, 1)
  assert shape("folder", "--source=x", "--size=16", "--color") == (16, 16, 3)


@pytest.mark.parametrize("size", ["15", "1025", "-64", "0"])
def test_absurd_sizes_are_refused(size):
  with pytest.raises(UserError, match=rf"--size={size}: from 16 to 1024 pixels a side"):
    arguments.parse(["folder", "--source=x", f"--size={size}"])


@pytest.mark.parametrize("option", ["--size=64", "--size=48", "--color"])
@pytest.mark.parametrize(
  ("kind", "always"),
  [
    ("fer2013", "48×48 gray"),
    ("ckplus", "48×48 gray"),
    ("synthetic", "48×48 gray"),
    ("celeba", "64×64 colour"),
    ("faces", "64×64 colour"),
  ],
)
def test_size_and_colour_are_for_a_folder(kind, always, option):
  with pytest.raises(UserError, match=f"are for folder; {kind} is always {always}"):
    arguments.parse([kind, "--source=x", option])


@pytest.mark.parametrize("kind", ["celeba", "faces", "folder"])
def test_what_is_not_rendered_has_no_number(kind):
  with pytest.raises(UserError, match=f"--num and --seed are for synthetic; {kind}"):
    arguments.parse([kind, "--source=x", "--num=3"])


def test_only_celeba_is_read_from_tfds():
  assert arguments.is_tfds(arguments.parse(["celeba", "--source=tfds"]))
  assert not arguments.is_tfds(arguments.parse(["celeba", "--source=./tfds"]))
  assert not arguments.is_tfds(arguments.parse(["folder", "--source=tfds"]))


def test_it_does_without_tensorflow_and_opencv():
  assert modules_loaded("import dcgan_jax.data.arguments") == set()


def test_a_source_whose_name_no_disk_can_hold_is_named():
  with pytest.raises(UserError, match="cannot be read: File name too long"):
    arguments.options(arguments.parse(["fer2013", f"--source={'x' * 300}"]))
