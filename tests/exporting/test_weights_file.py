import json
import os
import sys

import jax
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from untrained_generator import assert_draws_as, untrained_generator

from dcgan_jax.drawing import draw_images, usual_inputs
from dcgan_jax.errors import UserError
from dcgan_jax.exporting.description import RAW, describe
from dcgan_jax.exporting.forward import forward
from dcgan_jax.exporting.weights_file import NAME, load, write
from dcgan_jax.models.build import NAMES


def written(folder, name="projection", **more):
  """A generator, and the file that it is written to."""
  generator = untrained_generator(name, **more)
  write(generator, describe(generator, RAW), folder)
  return generator, folder / NAME


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_what_flax_draws(name, tmp_path):
  generator, _ = written(tmp_path, name)
  again = load(tmp_path)
  for count in (1, 3):
    assert_draws_as(generator, jax.jit(forward(again)), count)


def test_what_is_loaded_is_what_was_written(tmp_path):
  generator, file = written(tmp_path, "radford_dcgan", image_shape=(64, 64, 3))
  again = load(str(file))
  jax.tree.map(np.testing.assert_array_equal, again.weights, generator.weights)
  assert again.networks == generator.networks
  assert (again.step, again.class_names) == (4, ("angry", "happy", "sad"))


def test_it_draws_the_samples_of_the_run(tmp_path):
  generator, _ = written(tmp_path, "acgan")
  for images, expected in zip(
    *(
      draw_images(one, usual_inputs(one, seed=3), count=5, description="")
      for one in (load(tmp_path), generator)
    ),
    strict=True,
  ):
    np.testing.assert_array_equal(images, expected)


def test_arrays_are_named_by_layer_and_the_description_goes_with_them(tmp_path):
  generator, file = written(tmp_path, "radford_dcgan")
  arrays = load_file(file)
  assert arrays["params/up1/kernel"].shape == (3, 3, 8, 16)
  assert "batch_stats/norm1/mean" in arrays
  assert json.loads(metadata_of(file)["dcgan_jax"]) == describe(generator, RAW)


def metadata_of(file):
  with safe_open(file, framework="numpy") as opened:
    return opened.metadata()


def changed(file, change, **metadata):
  """Writes the file anew, with other arrays or metadata."""
  before, arrays = metadata_of(file), load_file(file)
  change(arrays)
  save_file(arrays, file, {**before, **metadata})


@pytest.mark.parametrize(
  ("change", "words"),
  [
    (lambda arrays: arrays.pop("params/up2/kernel"), "the array params/up2/kernel is missing"),
    (
      lambda arrays: arrays.update(extra=np.zeros(3, np.float32)),
      "the array extra is not one of this model's",
    ),
    (
      lambda arrays: arrays.update({"params/up1/kernel": np.zeros((2, 2), np.float32)}),
      r"params/up1/kernel is float32 \(2, 2\), and should be float32 \(3, 3, 8, 16\)",
    ),
    (
      lambda arrays: arrays.update(
        {"params/up1/kernel": arrays["params/up1/kernel"].astype(np.float64)}
      ),
      "params/up1/kernel is float64",
    ),
    (
      lambda arrays: arrays["params/up1/kernel"].__setitem__((0, 0, 0, 0), np.nan),
      "params/up1/kernel is not finite",
    ),
  ],
)
def test_arrays_that_are_not_the_models_are_refused(tmp_path, change, words):
  _, file = written(tmp_path)
  changed(file, change)
  with pytest.raises(UserError, match=words):
    load(tmp_path)


@pytest.mark.parametrize(
  "description",
  [
    "",
    "null",
    "[]",
    "{}",
    "[" * 100_000,
    '{"config": 3, "data": {"image_shape": [48, 48, 1]}, "step": 1, "trained_with": {}}',
    '{"config": {}, "data": {"image_shape": 48}, "step": 1, "trained_with": {}}',
    '{"config": {"model": {"name": "vgg"}}, "data": {"image_shape": [48, 48, 1]}, "step": 1, '
    '"trained_with": {}}',
    '{"config": {"model": {"width": "wide"}}, "data": {"image_shape": [48, 48, 1]}, "step": 1, '
    '"trained_with": {}}',
    '{"config": {"model": {"width": -3}}, "data": {"image_shape": [48, 48, 1]}, "step": 1, '
    '"trained_with": {}}',
  ],
)
def test_other_programs_metadata_are_refused(tmp_path, description):
  _, file = written(tmp_path)
  changed(file, lambda arrays: None, dcgan_jax=description)
  with pytest.raises(UserError, match="describe no generator of dcgan_jax"):
    load(tmp_path)


def test_a_safetensors_file_without_metadata_is_refused(tmp_path):
  save_file({"weight": np.zeros(3, np.float32)}, tmp_path / NAME)
  with pytest.raises(UserError, match="describe no generator"):
    load(tmp_path / NAME)


@pytest.mark.parametrize("kept", [0, 4, 8, 100, -5])
def test_a_file_that_was_cut_short_is_refused(tmp_path, kept):
  _, file = written(tmp_path)
  file.write_bytes(file.read_bytes()[:kept])
  with pytest.raises(UserError, match=f"{NAME}: damaged, or no safetensors file"):
    load(tmp_path)


@pytest.mark.parametrize("at", [0, 7, 9, 40])
def test_a_changed_header_is_refused(tmp_path, at):
  _, file = written(tmp_path)
  content = bytearray(file.read_bytes())
  content[at] ^= 0xFF
  file.write_bytes(content)
  with pytest.raises(UserError, match=NAME):
    load(tmp_path)


def test_what_is_not_there_or_no_file_is_named(tmp_path):
  with pytest.raises(UserError, match=rf"{NAME}: cannot be read: No such file"):
    load(tmp_path)
  os.mkfifo(tmp_path / NAME)
  with pytest.raises(UserError, match=rf"{NAME}: cannot be read: not a file"):
    load(tmp_path)


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
  monkeypatch.setitem(sys.modules, "safetensors", None)
  with pytest.raises(UserError, match=r'needs safetensors.*\n.*"\.\[export\]"'):
    load(tmp_path)
