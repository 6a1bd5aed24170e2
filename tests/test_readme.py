"""Every command in the README is run, on small data and for a few steps."""

import io
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import synthetic

README = pathlib.Path(__file__).parents[1] / "README.md"

# Commands that other tests run, and where.
ELSEWHERE = {
  "bash launch/quickstart.sh": "launch/test_quickstart.py",
  "bash launch/tpu.sh --name=faces --bucket=gs://BUCKET --zone=us-west4-a --data=data/fer2013 -- "
  "--config=configs/ex2.py": "launch/test_tpu.py, with a stand-in for gcloud",
  "bash launch/gke.sh CLUSTER us-docker.pkg.dev/PROJECT/REPOSITORY/dcgan_jax v5litepod-16 STORAGE "
  "ex2 --config=configs/ex2.py": "launch/test_gke.py, with stand-ins for docker and xpk",
  "pip install --require-hashes -r launch/requirements-cuda.txt": (
    "launch/environment.sh, by test.sh for its own lock"
  ),
  "bash launch/test.sh": ".ci/run",
  "pip install -r launch/requirements.txt": "launch/environment.sh, by test.sh for its own lock",
  "pip install .": "launch/test.sh",
  'pip install ".[peers]"': ".ci/run, in the versions it pins",
  "bash launch/test.sh --peers": ".ci/run",
  "python -m dcgan_jax.metrics.weights": ".ci/run; metrics/test_weights.py without a network",
  "python -m tests.peers.bench_peers --rounds=8": "peers/test_bench_peers.py",
  "python -m tests.peers.bench_peers --rounds=8 --rivals=ours,torch-compiled": (
    "peers/test_bench_peers.py"
  ),
  "python -m tests.peers.bench_peers --batch=64 --rounds=6 --steps=4": "peers/test_bench_peers.py",
  "python -m tests.peers.bench_features": "peers/test_bench_features.py",
  "python -m dcgan_jax.benchmark --config=configs/ex2.py --compile-for=v2-8,v5e-1": (
    "speed/test_ahead.py"
  ),
  "python -m dcgan_jax.benchmark --config=configs/ex2.py": "test_benchmark.py",
  "python -m tests.faults.campaign": "faults/test_campaign.py",
  'pip install ".[tpu]"': ".ci/run, in the version it pins",
  'pip install ".[download]"': "test_download.py stands in for Kaggle",
  'pip install ".[faces]"': "test.sh, whose lock file has it",
  "python -m dcgan_jax.demo --workdir=runs/acgan_fer2013 --ema": "test_demo.py, where npm can",
  "python -m dcgan_jax.demo --folder=exported-web": "test_demo.py, where npm can",
  'pip install ".[export]"': "test.sh, whose lock file has it",
  "pip install jax flatbuffers": "test.sh, whose lock file has both",
  'pip install ".[wandb]"': "test.sh, whose lock file has it",
  "python -m dcgan_jax.prepare faces --source=PHOTOGRAPHS": "test_prepare_colour.py",
  "python -m dcgan_jax.report runs/quickstart --picture=report.png": (
    "reporting/test_browser_picture.py, where there is Chromium"
  ),
  "python -m dcgan_jax.export --workdir=runs/quickstart --ema --format=web": (
    "exporting/test_web.py, where npm can bring ONNX Runtime"
  ),
  "python -m dcgan_jax.main --config=configs/radford_fer2013.py": "test_train_each.py",
}
SMALL = ["--config.num_steps=2", "--config.model.width=2", "--config.batch_size=4"]


def commands():
  """The lines of bash blocks and the commands in prose and tables, each once, in order."""
  text = README.read_text(encoding="utf-8")
  pattern = r"^ *((?:python -m|bash|pip install) .+)$|`((?:python -m|bash|pip install) [^`]+)`"
  found = [block or inline for block, inline in re.findall(pattern, text, re.M)]
  return list(dict.fromkeys(found))


@pytest.fixture
def desk(tmp_path):
  """A folder with what the README's commands name: raw data of rendered faces, and configs/."""
  desk = tmp_path / "desk"
  desk.mkdir()
  shutil.copytree(README.parent / "configs", desk / "configs")
  faces = synthetic.render(seed=0, start=0, stop=28)
  rows = [
    f"{label},{' '.join(map(str, image.ravel()))},{'Training' if i < 24 else 'PublicTest'}"
    for i, (image, label) in enumerate(zip(faces.images, faces.labels, strict=True))
  ]
  (desk / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]))
  for i, image in enumerate(faces.images):
    for path in (f"CK+48/happy/S{i:03d}_001_00000001.png", f"DIR/{i}.png"):
      (desk / path).parent.mkdir(parents=True, exist_ok=True)
      Image.fromarray(image[..., 0]).save(desk / path)
  with zipfile.ZipFile(desk / "img_align_celeba.zip", "w") as archive:
    for i, image in enumerate(faces.images):
      photograph = io.BytesIO()
      Image.fromarray(image[..., 0]).convert("RGB").resize((89, 109)).save(photograph, "JPEG")
      archive.writestr(f"img_align_celeba/{i:06d}.jpg", photograph.getvalue())
  return desk


def small(command):
  """The arguments of a command, cut down to seconds."""
  arguments = shlex.split(command)[1:]
  if "dcgan_jax.main" in arguments:
    return arguments + SMALL
  if "dcgan_jax.benchmark" in arguments:
    return [*arguments, *SMALL, "--seconds=0"]
  if "dcgan_jax.classify" in arguments:
    return [*arguments, "--epochs=1", "--batch-size=4"]
  if arguments[1:] == ["dcgan_jax.prepare", "synthetic"]:
    return [*arguments, "--num=40"]
  return [argument.replace("--num=1000", "--num=10") for argument in arguments]


def by_expression(command):
  """Whether a command belongs to the sections on models that know expressions."""
  return "acgan_fer2013" in command or "dcgan_jax.classify" in command


def run_all(listed, desk, monkeypatch):
  """Runs commands one after another; each must succeed."""
  monkeypatch.setenv("DCGAN_JAX_DATA", str(desk / "data"))
  # No weights in the cache: seconds, not minutes.
  monkeypatch.setenv("XDG_CACHE_HOME", str(desk / "cache"))
  for command in listed:
    result = subprocess.run(
      [sys.executable, *small(command)], cwd=desk, check=False, capture_output=True, text=True
    )
    assert result.returncode == 0, f"{command}\n{result.stderr}"


RUN_HERE = [command for command in commands() if command not in ELSEWHERE]
PREPARATIONS = [command for command in RUN_HERE if "dcgan_jax.prepare" in command]


def test_the_readme_shows_every_command():
  kinds = {command.split()[2] for command in RUN_HERE}
  names = ("prepare", "main", "sample", "classify", "evaluate", "benchmark")
  names += ("doctor", "report", "export")
  assert kinds == {f"dcgan_jax.{name}" for name in names}
  assert not any(by_expression(command) for command in PREPARATIONS)


@pytest.mark.slow
def test_the_readmes_commands_run_one_after_another(desk, monkeypatch):
  # Quickstart, which another test runs, leaves the run that the samples are drawn from.
  quickstart = "python -m dcgan_jax.main --config=configs/quickstart.py"
  others = [c for c in RUN_HERE if c not in PREPARATIONS and not by_expression(c)]
  run_all([*PREPARATIONS, quickstart, *others], desk, monkeypatch)
  assert Image.open(desk / "grid.png").size == (796, 796)
  assert np.load(desk / "faces.npz")["images"].shape == (10, 48, 48, 1)
  assert len(list((desk / "faces").iterdir())) == 10
  assert (desk / "comparison.html").exists()
  assert (desk / "exported-onnx" / "generator.onnx").exists()


@pytest.mark.slow
def test_the_readmes_commands_by_expression_run_one_after_another(desk, monkeypatch):
  prepare = next(command for command in PREPARATIONS if "fer2013" in command)
  run_all([prepare, *filter(by_expression, RUN_HERE)], desk, monkeypatch)
  assert len(list((desk / "happy").rglob("*.png"))) == 64
  assert Image.open(desk / "mixed.png").size == (796, 796)
  assert Image.open(desk / "expressions.png").width > 7 * 48
  assert Image.open(desk / "faces.gif").n_frames > 1


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_said_to_run_elsewhere_is_in_the_readme(command):
  assert command in commands()


def test_the_pictures_are_there():
  for path in re.findall(r"!\[.*?\]\((.*?)\)", README.read_text(encoding="utf-8")):
    assert (README.parent / path).exists(), path
