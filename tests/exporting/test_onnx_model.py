import json
import sys

import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime
import pytest
from untrained_generator import arguments_of, assert_draws_as, untrained_generator

from dcgan_jax import __version__
from dcgan_jax.errors import UserError
from dcgan_jax.exporting import onnx_model
from dcgan_jax.exporting.onnx_model import to_onnx, write
from dcgan_jax.models.build import NAMES


def session_of(model):
  """A model, or a file's path, in onnxruntime: as a function of arrays."""
  content = str(model) if not hasattr(model, "graph") else model.SerializeToString()
  session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
  names = [one.name for one in session.get_inputs()]
  return lambda *arguments: session.run(["pixels"], dict(zip(names, arguments, strict=True)))[0]


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_what_flax_draws_in_batches_of_any_size(name):
  generator = untrained_generator(name)
  run = session_of(to_onnx(generator))
  for count in (1, 3):
    assert_draws_as(generator, run, count)


def test_colour_at_64_pixels():
  generator = untrained_generator("radford_dcgan", (64, 64, 3), "uniform")
  model = to_onnx(generator)
  assert_draws_as(generator, session_of(model), 2)
  assert shape_of(model.graph.output[0]) == ["batch", 64, 64, 3]


def shape_of(value):
  return [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]


def test_inputs_and_outputs_have_names_and_an_open_batch():
  model = to_onnx(untrained_generator("projection"))
  assert {one.name: shape_of(one) for one in model.graph.input} == {
    "latents": ["batch", 8],
    "classes": ["batch", 3],
  }
  assert {one.name: shape_of(one) for one in model.graph.output} == {"pixels": ["batch", 48, 48, 1]}
  unconditional = to_onnx(untrained_generator("radford_dcgan"))
  assert [one.name for one in unconditional.graph.input] == ["latents"]


def test_the_metadata_say_what_a_loader_must_know():
  model = to_onnx(untrained_generator("acgan", latent_distribution="uniform"), "ema")
  assert {one.key: one.value for one in model.metadata_props} == {
    "class_names": json.dumps(["angry", "happy", "sad"]),
    "latent_size": "8",
    "latent_distribution": "uniform",
    "step": "4",
    "weights": "ema",
    "dcgan_jax": __version__,
  }
  unconditional = to_onnx(untrained_generator("radford_dcgan"))
  assert "class_names" in {one.key for one in unconditional.metadata_props}
  names = next(one.value for one in unconditional.metadata_props if one.key == "class_names")
  assert json.loads(names) == []  # nobody can ask it for one


def test_it_has_the_opset_that_is_stated_and_no_other():
  model = to_onnx(untrained_generator("pixelnorm_dcgan"))
  assert [(one.domain, one.version) for one in model.opset_import] == [("", onnx_model.OPSET)]


def test_what_is_written_is_sound_and_its_differences_are_told(tmp_path):
  generator = untrained_generator("pixelnorm_projection")
  told = " ".join(write(generator, "raw", tmp_path))
  for name in (onnx_model.NAME, onnx_model.FLOAT16_NAME):
    onnx.checker.check_model(onnx.load(tmp_path / name), full_check=True)
  whole, half = (
    session_of(tmp_path / name) for name in ("generator.onnx", "generator_float16.onnx")
  )
  assert_draws_as(generator, whole, 3)
  arguments = arguments_of(generator, 3)
  # Of 11 significant bits in the factors of some sums.
  np.testing.assert_allclose(half(*arguments), whole(*arguments), rtol=0, atol=0.05)
  assert "differ from the generator's" in told
  assert "levels of 255" in told


def test_a_generator_that_float16_cannot_hold_has_no_such_variant(tmp_path):
  generator = untrained_generator("radford_dcgan")
  params = generator.weights["params"]
  # Its BatchNorm takes the factor out again, in float32.
  params["up2"]["kernel"] = params["up2"]["kernel"] * 1e6
  generator.weights["batch_stats"]["norm2"]["var"] = jnp.full((8,), 1e10, jnp.float32)
  told = write(generator, "raw", tmp_path)
  assert "no float16 variant" in told[-1]
  assert [file.name for file in tmp_path.iterdir()] == ["generator.onnx"]


def test_without_the_onnx_package_the_extra_is_named(monkeypatch):
  monkeypatch.setitem(sys.modules, "onnx", None)
  with pytest.raises(UserError, match=r'needs onnx.*\n.*"\.\[export\]"'):
    to_onnx(untrained_generator("radford_dcgan"))
