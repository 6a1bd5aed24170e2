import shutil

import jax
import numpy as np
import pytest
from PIL import Image
from small import small_config
from untrained_run import write_checkpoints

from dcgan_jax import sample_formats
from dcgan_jax.data.image_folder import load_images
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


def test_a_mounted_disk_is_no_folder_for_faces(workdir, tmp_path, monkeypatch):
  monkeypatch.setattr("os.path.ismount", lambda path: str(path) == str(tmp_path))
  with pytest.raises(UserError, match=r"a mounted disk; name a folder in it, such as .*/faces"):
    sample([f"--workdir={workdir}", "--format=png", f"--out={tmp_path}"])


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["--workdir={workdir}", "--step=3"], "no checkpoint of step 3; there are 2, 4"),
    (["--workdir={tmp}/none"], "no such folder"),
    (["--workdir={tmp}"], "not a run's folder"),
    (["--workdir={workdir}", "--out={tmp}/file/grid.png"], "cannot be written"),
    (["--workdir={workdir}", "--out={tmp}"], "a folder; name a file in it"),
    (["--workdir={workdir}", "--format=png", "--out={tmp}/full"], "full: is there already"),
    (["--workdir={workdir}", "--format=png", "--out={tmp}/file"], "file: is there already"),
  ],
)
def test_a_mistake_is_named(workdir, tmp_path, arguments, words):
  (tmp_path / "file").write_text("")
  (tmp_path / "full").mkdir()
  (tmp_path / "full" / "000000.png").write_text("")
  filled = [argument.format(workdir=workdir, tmp=tmp_path) for argument in arguments]
  with pytest.raises(UserError, match=words):
    sample(filled)


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
  """A run whose model knows the expressions angry, happy and sad."""
  workdir = tmp_path_factory.mktemp("conditional")
  write_checkpoints(workdir, [4], model="cgan")
  return workdir


def test_an_expression_by_name_gives_that_one_alone(conditional, tmp_path):
  path = draw(conditional, tmp_path / "faces.npz", "--format=npz", "--num=9", "--expression=happy")
  drawn = np.load(path)
  assert drawn["class_names"].tolist() == ["angry", "happy", "sad"]
  assert drawn["labels"].tolist() == [1] * 9


def test_without_a_name_every_face_has_an_expression_and_lies_in_its_folder(conditional, tmp_path):
  drawn = np.load(draw(conditional, tmp_path / "faces.npz", "--format=npz", "--num=20"))
  assert set(drawn["labels"].tolist()) == {0, 1, 2}
  folder = draw(conditional, tmp_path / "faces", "--format=png", "--num=20")
  for i, (image, label) in enumerate(zip(drawn["images"], drawn["labels"], strict=True)):
    file = folder / drawn["class_names"][label] / f"{i:06d}.png"
    np.testing.assert_array_equal(Image.open(file), image[..., 0])
  as_data = load_images(folder)
  assert as_data.class_names == ("angry", "happy", "sad")
  assert load_images(tmp_path / "faces.npz").class_names == as_data.class_names


def test_a_mixture_lies_between_its_expressions(conditional, tmp_path):
  def one(asked):
    path = tmp_path / "faces.npz"
    draw(conditional, path, "--format=npz", "--num=3", f"--expression={asked}")
    return np.load(path)["images"].astype(int)

  happy, sad, mixed = one("happy"), one("sad"), one("happy:0.5,sad:0.5")
  assert not np.array_equal(happy, sad)
  assert not np.array_equal(mixed, happy)
  np.testing.assert_array_equal(one("happy:2,sad:2"), mixed)  # weights are made to sum to 1
  np.testing.assert_array_equal(one("happy:1.0"), happy)


def test_a_sheet_has_a_column_for_each_expression(conditional, tmp_path):
  path = draw(conditional, tmp_path / "sheet.png", "--format=expressions", "--num=2")
  # 3 columns and 2 rows of 48 with gaps of 2, enlarged twice.
  assert Image.open(path).size == (2 * (3 * 50 - 2), 2 * (2 * 50 - 2))
  sheet = np.asarray(Image.open(path))
  drawn = draw(conditional, tmp_path / "sad.npz", "--format=npz", "--num=2", "--expression=sad")
  second_sad = np.load(drawn)["images"][1, :, :, 0]
  np.testing.assert_array_equal(sheet[100:196:2, 200:296:2], second_sad)


@pytest.mark.parametrize("which", ["workdir", "conditional"])
def test_a_film_goes_from_face_to_face(which, request, tmp_path):
  run = request.getfixturevalue(which)
  film = Image.open(draw(run, tmp_path / "faces.gif", "--format=gif", "--num=3"))
  assert film.size == (96, 96)
  # Frames that do not differ are joined by the format; none beyond 16 from face to face.
  assert 3 <= film.n_frames <= 3 * 16
  drawn = draw(run, tmp_path / "faces.npz", "--format=npz", "--num=1")
  first = np.asarray(film.convert("L"), int)[::2, ::2]
  assert np.abs(first - np.load(drawn)["images"][0, ..., 0]).max() <= 1


@pytest.fixture(scope="module")
def of_each(tmp_path_factory):
  """A run of each class: one model for happy faces, one for angry ones."""
  workdir = tmp_path_factory.mktemp("each")
  for name in ("happy", "angry"):
    write_checkpoints(workdir / name, [4], expression=name)
  return workdir


def test_of_a_run_of_each_class_the_named_one_draws(of_each, tmp_path):
  path = draw(of_each, tmp_path / "faces.npz", "--format=npz", "--num=3", "--expression=happy")
  own = draw(of_each / "happy", tmp_path / "own.npz", "--format=npz", "--num=3")
  np.testing.assert_array_equal(np.load(path)["images"], np.load(own)["images"])
  assert np.load(own)["labels"].tolist() == [1, 1, 1]  # its faces are all happy
  files = draw(of_each / "happy", tmp_path / "files", "--format=png", "--num=2")
  assert [p.relative_to(files).as_posix() for p in sorted(files.rglob("*.png"))] == [
    "happy/000000.png",
    "happy/000001.png",
  ]
  sheet = draw(of_each, tmp_path / "sheet.png", "--format=expressions", "--num=1")
  assert Image.open(sheet).size == (2 * 98, 2 * 48)  # angry, happy


@pytest.mark.parametrize(
  ("run", "arguments", "words"),
  [
    ("conditional", ["--expression=hapy"], "'hapy': not one of this model's classes: angry, happy"),
    ("workdir", ["--expression=happy"], "trained on all expressions as one"),
    ("workdir", ["--format=expressions"], "trained on all faces as one, and knows no expressions"),
    ("of_each", [], "holds a model for each of angry, happy; name one"),
    ("of_each", ["--expression=sad"], "has no model of it, but of angry, happy"),
    ("of_each", ["--expression=happy,angry"], "cannot be mixed"),
    ("conditional", ["--format=expressions", "--expression=sad"], "leave out --expression"),
  ],
)
def test_an_expression_that_cannot_be_drawn_is_told(run, arguments, words, request, tmp_path):
  workdir = request.getfixturevalue(run)
  with pytest.raises(UserError, match=words):
    sample([f"--workdir={workdir}", f"--out={tmp_path / 'out'}", *arguments])


def test_a_folder_of_other_runs_is_no_run_of_each_class(of_each, tmp_path):
  # Neither a run of another name than its class, nor one that has not saved anything yet.
  shutil.copytree(of_each / "happy", tmp_path / "runs" / "mine")
  (tmp_path / "runs" / "happy" / "checkpoints").mkdir(parents=True)
  shutil.copy(of_each / "happy" / "config.json", tmp_path / "runs" / "happy")
  with pytest.raises(UserError, match="not a run's folder"):
    sample([f"--workdir={tmp_path / 'runs'}", f"--out={tmp_path / 'a.png'}"])


def test_a_model_of_one_expression_draws_no_other(of_each, tmp_path):
  with pytest.raises(UserError, match="--expression=angry: this model was trained on happy"):
    sample([f"--workdir={of_each / 'happy'}", "--expression=angry", f"--out={tmp_path / 'a.png'}"])


def test_a_diverged_run_has_no_faces(workdir, tmp_path, monkeypatch):
  def diverged(*which):
    generator = load_generator(*which)
    nan = jax.tree.map(lambda leaf: np.full_like(leaf, np.nan), generator.weights)
    return generator._replace(weights=nan)

  monkeypatch.setattr(sample_formats, "load_generator", diverged)
  with pytest.raises(UserError, match=r"run.*, step 4, EMA weights: .* is not finite: the run has"):
    sample([f"--workdir={workdir}", "--ema", f"--out={tmp_path / 'grid.png'}"])
  assert not (tmp_path / "grid.png").exists()


@pytest.mark.parametrize(
  "argument",
  ["--num=0", "--seed=-1", "--format=bmp", "--num=x", "--expression=happy:-1", "--expression=,"],
)
def test_a_value_out_of_range_is_a_usage_error(argument, capsys):
  with pytest.raises(SystemExit) as end:
    sample(["--workdir=x", argument])
  assert end.value.code == 2
  assert argument.split("=")[0] in capsys.readouterr().err
