import jax
import numpy as np
import pytest
from PIL import Image
from small import small_config

from dcgan_jax import trained
from dcgan_jax.errors import UserError
from dcgan_jax.sample import sample
from dcgan_jax.train import train
from dcgan_jax.trained import load_generator


@pytest.fixture(scope="module")
def workdir(tmp_path_factory, data_dir):
  """A run with checkpoints at steps 2 and 4."""
  config = small_config(data_dir)
  config.num_steps, config.checkpoint_every = 4, 2
  workdir = tmp_path_factory.mktemp("run")
  assert train(config, workdir) == 0
  return workdir


def draw(workdir, out, *arguments):
  assert sample([f"--workdir={workdir}", f"--out={out}", *arguments]) == 0
  return out


def images_of(workdir, tmp_path, *arguments):
  path = draw(workdir, tmp_path / "faces.npz", "--format=npz", *arguments)
  return np.load(path)["images"]


def test_a_grid_is_one_picture_of_all_faces(workdir, tmp_path):
  path = draw(workdir, tmp_path / "grid.png", "--num=9")
  # 3 by 3 faces of 48 with gaps of 2, enlarged twice: 2 * (3 * 50 - 2).
  assert Image.open(path).size == (296, 296)


def test_npz_holds_bytes(workdir, tmp_path):
  images = images_of(workdir, tmp_path, "--num=70")
  assert images.shape == (70, 48, 48, 1)
  assert images.dtype == np.uint8


def test_png_files_hold_the_same_faces_as_npz(workdir, tmp_path):
  images = images_of(workdir, tmp_path, "--num=5")
  folder = draw(workdir, tmp_path / "faces", "--format=png", "--num=5")
  files = sorted(folder.iterdir())
  assert [file.name for file in files] == [f"{i:06d}.png" for i in range(5)]
  for file, image in zip(files, images, strict=True):
    np.testing.assert_array_equal(Image.open(file), image[..., 0])


def test_the_same_seed_gives_the_same_faces_and_another_others(workdir, tmp_path):
  first = images_of(workdir, tmp_path, "--num=4", "--seed=3")
  np.testing.assert_array_equal(images_of(workdir, tmp_path, "--num=4", "--seed=3"), first)
  assert not np.array_equal(images_of(workdir, tmp_path, "--num=4", "--seed=4"), first)


def test_raw_and_averaged_weights_and_older_steps_give_other_faces(workdir, tmp_path):
  raw = images_of(workdir, tmp_path, "--num=4")
  assert not np.array_equal(images_of(workdir, tmp_path, "--num=4", "--ema"), raw)
  assert not np.array_equal(images_of(workdir, tmp_path, "--num=4", "--step=2"), raw)


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["--workdir={workdir}", "--step=3"], "no checkpoint of step 3; there are 2, 4"),
    (["--workdir={tmp}/none"], "no such folder"),
    (["--workdir={tmp}"], "not a run's folder"),
    (["--workdir={workdir}", "--out={tmp}/file/grid.png"], "cannot be written"),
    (["--workdir={workdir}", "--out={tmp}"], "a folder; name a file in it"),
    (["--workdir={workdir}", "--format=png", "--out={tmp}/full"], "holds PNG files already"),
  ],
)
def test_a_mistake_is_named(workdir, tmp_path, arguments, words):
  (tmp_path / "file").write_text("")
  (tmp_path / "full").mkdir()
  (tmp_path / "full" / "000000.png").write_text("")
  filled = [argument.format(workdir=workdir, tmp=tmp_path) for argument in arguments]
  with pytest.raises(UserError, match=words):
    sample(filled)


def test_a_diverged_run_has_no_faces(workdir, tmp_path, monkeypatch):
  def diverged(*which):
    generator = load_generator(*which)
    nan = jax.tree.map(lambda leaf: np.full_like(leaf, np.nan), generator.weights)
    return generator._replace(weights=nan)

  monkeypatch.setattr(trained, "load_generator", diverged)
  with pytest.raises(UserError, match=r"run.*, step 4, EMA weights: .* is not finite: the run has"):
    sample([f"--workdir={workdir}", "--ema", f"--out={tmp_path / 'grid.png'}"])
  assert not (tmp_path / "grid.png").exists()


@pytest.mark.parametrize("argument", ["--num=0", "--seed=-1", "--format=gif", "--num=x"])
def test_a_value_out_of_range_is_a_usage_error(argument, capsys):
  with pytest.raises(SystemExit) as end:
    sample(["--workdir=x", argument])
  assert end.value.code == 2
  assert argument.split("=")[0] in capsys.readouterr().err
