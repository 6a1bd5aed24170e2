import json
import re
import subprocess
import sys

import jax
import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax.errors import UserError
from dcgan_jax.export import export
from dcgan_jax.exporting import folder, web
from dcgan_jax.exporting.onnx_model import to_onnx
from dcgan_jax.exporting.weights_file import load
from dcgan_jax.trained import load_generator

FILES = {
  "safetensors": {"generator.safetensors"},
  "stablehlo": {"generator.stablehlo"},
  "onnx": {"generator.onnx", "generator_float16.onnx"},
}


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
  """A run whose model knows expressions, with checkpoints at steps 2 and 4."""
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [2, 4], model="projection")
  return workdir


def write(workdir, out, *arguments):
  assert export([f"--workdir={workdir}", f"--out={out}", *arguments]) == 0
  return out


def run_block(place):
  """Runs the program that README.md in a folder shows, as its reader would."""
  (block,) = re.findall(r"```python\n(.*?)```", (place / "README.md").read_text(), re.DOTALL)
  check = "\nassert images.shape[1:] == (48, 48, 1) and images.dtype == np.uint8"
  program = f"import numpy as np\n{block}{check}"
  ran = subprocess.run(
    [sys.executable, "-c", program], cwd=place, capture_output=True, text=True, check=False
  )
  assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("form", FILES)
def test_each_format_is_a_folder_that_says_how_to_use_it(form, workdir, tmp_path, capfd):
  place = write(workdir, tmp_path / "faces", f"--format={form}", "--ema")
  assert {file.name for file in place.iterdir()} == {"config.json", "README.md", *FILES[form]}
  about = json.loads((place / "config.json").read_text())
  assert (about["step"], about["weights"], about["latent_size"]) == (4, "ema", 8)
  told = capfd.readouterr().err
  assert f"{form} of step 4, EMA weights: {place}" in told
  run_block(place)


def test_raw_and_averaged_weights_and_older_steps_are_others(workdir, tmp_path):
  def exported(name, *arguments):
    return load(write(workdir, tmp_path / name, "--format=safetensors", *arguments))

  def assert_same(one, other):
    jax.tree.map(np.testing.assert_array_equal, one.weights, other.weights)

  assert_same(exported("raw"), load_generator(workdir, 4, ema=False))
  assert_same(exported("ema", "--ema"), load_generator(workdir, 4, ema=True))
  assert_same(exported("old", "--step=2"), load_generator(workdir, 2, ema=False))


def test_the_folder_is_named_after_the_format(workdir, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  assert export([f"--workdir={workdir}", "--format=safetensors"]) == 0
  assert [place.name for place in tmp_path.iterdir()] == ["exported-safetensors"]


def test_an_empty_folder_is_filled(workdir, tmp_path):
  (tmp_path / "empty").mkdir()
  assert (write(workdir, tmp_path / "empty", "--format=safetensors") / "README.md").exists()


def test_the_page_is_written_by_its_own_module(workdir, tmp_path, monkeypatch):
  def stand_in(generator, place, runtime, kind):
    (place / "index.html").write_text(f"step {generator.step}, {runtime}, {kind}")
    (place / "generator.onnx").write_bytes(to_onnx(generator).SerializeToString())

  monkeypatch.setattr(web, "write", stand_in)
  place = write(workdir, tmp_path / "page", "--format=web", "--runtime=ort")
  assert "Pixels differ from the generator's in JAX by" in (place / "README.md").read_text()
  assert (place / "index.html").read_text() == "step 4, ort, raw"
  assert {"config.json", "README.md"} < {file.name for file in place.iterdir()}


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["--workdir={workdir}", "--step=3"], "no checkpoint of step 3; there are 2, 4"),
    (["--workdir={tmp}/none"], "no such folder"),
    (["--workdir={tmp}"], "not a run's folder"),
    (["--workdir={workdir}", "--out={tmp}/full"], "full: is there already. Name an empty folder"),
    (["--workdir={workdir}", "--out={tmp}/full/file"], "file: is there already"),
    (["--workdir={workdir}", "--out={tmp}/full/file/faces"], "is no folder that you can write to"),
    (["--workdir={workdir}", "--runtime=ort"], "--runtime is for --format=web; onnx needs none"),
  ],
)
def test_a_mistake_is_named_and_leaves_nothing_behind(workdir, tmp_path, arguments, words):
  (tmp_path / "full").mkdir()
  (tmp_path / "full" / "file").write_text("")
  filled = [argument.format(workdir=workdir, tmp=tmp_path) for argument in arguments]
  with pytest.raises(UserError, match=words):
    export(["--format=onnx", f"--out={tmp_path / 'faces'}", *filled])
  assert [place.name for place in tmp_path.iterdir()] == ["full"]


def test_a_mounted_disk_cannot_become_the_folder(workdir, tmp_path, monkeypatch):
  monkeypatch.setattr("os.path.ismount", lambda path: str(path) == str(tmp_path))
  with pytest.raises(UserError, match=r"a mounted disk; name a folder in it, such as .*/faces"):
    export([f"--workdir={workdir}", "--format=onnx", f"--out={tmp_path}"])


def test_of_a_run_of_each_class_one_is_to_be_named(tmp_path):
  for name in ("happy", "angry"):
    write_checkpoints(tmp_path / "each" / name, [4], expression=name)
  with pytest.raises(UserError, match=r"a model for each of angry, happy.\nExport one .*/angry"):
    export([f"--workdir={tmp_path / 'each'}", "--format=onnx", f"--out={tmp_path / 'faces'}"])
  place = write(tmp_path / "each" / "happy", tmp_path / "faces", "--format=safetensors")
  assert "48×48 faces, happy, step 4" in (place / "README.md").read_text()


def test_a_diverged_run_is_refused(workdir, tmp_path, monkeypatch):
  def diverged(*which):
    generator = load_generator(*which)
    nan = jax.tree.map(lambda leaf: np.full_like(leaf, np.nan), generator.weights)
    return generator._replace(weights=nan)

  monkeypatch.setattr(folder, "load_generator", diverged)
  with pytest.raises(UserError, match=r"run.*, step 4, raw weights: .* is not finite: the run has"):
    export([f"--workdir={workdir}", "--format=onnx", f"--out={tmp_path / 'faces'}"])
  assert not list(tmp_path.iterdir())


def test_a_missing_package_is_told_before_anything_is_loaded(tmp_path, monkeypatch):
  monkeypatch.setitem(sys.modules, "onnxruntime", None)
  with pytest.raises(UserError, match=r'needs onnxruntime.*\n.*pip install "\.\[export\]"'):
    export([f"--workdir={tmp_path / 'none'}", "--format=onnx", f"--out={tmp_path / 'faces'}"])


def test_a_full_disk_is_one_message(workdir, tmp_path, monkeypatch):
  def full(*arguments, **more):
    raise OSError(28, "No space left on device")

  monkeypatch.setattr("pathlib.Path.write_bytes", full)
  with pytest.raises(UserError, match="faces: cannot be written: No space left on device"):
    write(workdir, tmp_path / "faces", "--format=safetensors")
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("argument", ["--format=pickle", "--step=x"])
def test_a_value_out_of_range_is_a_usage_error(argument, capsys):
  with pytest.raises(SystemExit) as end:
    export(["--workdir=x", "--format=onnx", argument])
  assert end.value.code == 2
  assert argument.split("=")[0] in capsys.readouterr().err
