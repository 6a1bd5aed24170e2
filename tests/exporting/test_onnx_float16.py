import numpy as np
import onnx
import onnxruntime
from untrained_generator import arguments_of, untrained_generator

from dcgan_jax.exporting.onnx_float16 import to_float16
from dcgan_jax.exporting.onnx_model import to_onnx

FLOAT, FLOAT16 = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16


def run(model, arguments):
  session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
  )
  names = [one.name for one in session.get_inputs()]
  return session.run(["pixels"], dict(zip(names, arguments, strict=True)))[0]


def test_weights_take_half_the_place_and_inputs_and_outputs_stay():
  model = to_onnx(untrained_generator("cgan"))
  half = to_float16(model)
  onnx.checker.check_model(half, full_check=True)
  floats = [one for one in half.graph.initializer if one.data_type != onnx.TensorProto.INT64]
  assert {one.data_type for one in floats} == {FLOAT16}
  ends = [*half.graph.input, *half.graph.output]
  assert [one.name for one in ends] == ["latents", "classes", "pixels"]
  assert {one.type.tensor_type.elem_type for one in ends} == {FLOAT}
  assert half.metadata_props == model.metadata_props
  arguments = arguments_of(untrained_generator("cgan"), 3)
  np.testing.assert_allclose(run(half, arguments), run(model, arguments), rtol=0, atol=0.02)


def test_it_has_no_constant_that_nothing_uses():
  half = to_float16(to_onnx(untrained_generator("pixelnorm_dcgan")))
  used = {name for node in half.graph.node for name in node.input}
  assert {one.name for one in half.graph.initializer} <= used


def test_pixel_norm_bears_what_squares_of_float16_would_not():
  generator = untrained_generator("pixelnorm_dcgan")
  layer = generator.weights["params"]["project"]
  # PixelNorm takes a common factor out again. With it, numbers reach hundreds, and a sum of 16
  # squares is far above 65,504.
  for name in layer:
    layer[name] = layer[name] * 1e3
  arguments = arguments_of(generator, 3)
  model = to_onnx(generator)
  np.testing.assert_allclose(
    run(to_float16(model), arguments), run(model, arguments), rtol=0, atol=0.05
  )


def test_a_black_pixel_stays_finite():
  generator = untrained_generator("pixelnorm_dcgan")
  layer = generator.weights["params"]["project"]
  for name in layer:
    layer[name] = layer[name] * 0.0
  # 0 / √(0 + 1e-8), where float16's smallest number is 6e-8.
  assert np.isfinite(run(to_float16(to_onnx(generator)), arguments_of(generator, 2))).all()
