"""Random weights in Inception's shapes, for tests that need the network but not its judgement."""

import numpy as np

from dcgan_jax.metrics.inception_shapes import HEAD_SHAPE, SHAPES
from dcgan_jax.metrics.weight_files import Convolution, InceptionTensors


def random_tensors(head=True):
  """Weights under which activations keep their size from layer to layer (He et al. 2015)."""
  rng = np.random.default_rng(0)

  def convolution(shape):
    _, kh, kw, inputs, outputs = shape
    kernel = rng.standard_normal((kh, kw, inputs, outputs), np.float32)
    kernel *= np.sqrt(2 / (kh * kw * inputs), dtype=np.float32)
    return Convolution(kernel, np.float32(0.1) * rng.standard_normal(outputs, np.float32))

  convolutions = [convolution(shape) for shape in SHAPES]
  last = rng.standard_normal(HEAD_SHAPE, np.float32) if head else None
  return InceptionTensors(convolutions, last, "0" * 64)
