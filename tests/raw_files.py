"""Raw downloads in small, and preparing them, for the tests of prepare."""

import io
import json

import numpy as np
from PIL import Image

from dcgan_jax import prepare
from dcgan_jax.data import reports


def png(pixels, file_format="PNG"):
  buffer = io.BytesIO()
  Image.fromarray(pixels).save(buffer, file_format)
  return buffer.getvalue()


def row(pixels, label=0, usage="Training"):
  return f"{label},{' '.join(map(str, np.ravel(pixels)))},{usage}\n"


def folder(path, files):
  for name, data in files.items():
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(data)
  return path


def run(data, *args):
  """Prepares in this process; returns the report."""
  assert prepare.main([*map(str, args), f"--data-dir={data}"]) == 0
  name = next((a.removeprefix("--name=") for a in args if str(a).startswith("--name=")), args[0])
  return json.loads((reports.set_dir(data, name) / reports.REPORT).read_text())
