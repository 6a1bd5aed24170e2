"""The programs that README.md shows for loading what was exported."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax.export import export

pytestmark = pytest.mark.slow  # together they take over 20 s

README = pathlib.Path(__file__).parents[2] / "README.md"
FORMATS = ("safetensors", "stablehlo", "onnx")


def programs():
  """The Python blocks of the section on exports, by format."""
  section = README.read_text(encoding="utf-8").partition("\n## Export\n")[2].partition("\n## ")[0]
  blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
  return {re.search(r"exported-(\w+)", block)[1]: block for block in blocks}


@pytest.fixture(scope="module", params=["pixelnorm_dcgan", "projection"])
def desk(request, tmp_path_factory):
  """A folder with an untrained model in each format, one without classes and one with them."""
  desk = tmp_path_factory.mktemp(request.param)
  write_checkpoints(desk / "run", [4], model=request.param)
  for form in FORMATS:
    out = desk / f"exported-{form}"
    assert export([f"--workdir={desk / 'run'}", "--ema", f"--format={form}", f"--out={out}"]) == 0
  return desk


def test_there_is_a_program_for_each_format():
  assert set(programs()) == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_it_makes_images(form, desk):
  program = f"{programs()[form]}\nimport numpy\nnumpy.save('images.npy', images)"
  ran = subprocess.run(
    [sys.executable, "-c", program], cwd=desk, capture_output=True, text=True, check=False
  )
  assert ran.returncode == 0, ran.stderr
  images = np.load(desk / "images.npy")
  assert (images.shape, images.dtype) == ((16, 48, 48, 1), np.uint8)
  assert images.std() > 1  # not one gray
