"""torch-fidelity's Inception and pytorch-fid's, under weights of ours rather than a download."""

import importlib
from unittest import mock

import numpy as np

from dcgan_jax.metrics.inception_shapes import HEAD_SHAPE, SHAPES
from dcgan_jax.metrics.weight_files import (
  BATCH_NORM_EPSILON,
  InceptionTensors,
  read_official,
)

from .torch_only import import_torchvision


def random_state(seed=0):
  """A state dict of the published layout: convolutions as He et al. 2015, and BatchNorm at work.

  Returns:
    {name: float32 tensor}, as the official file has it.
  """
  rng = np.random.default_rng(seed)
  state = {}
  for name, kh, kw, inputs, outputs in SHAPES:
    weight = rng.standard_normal((outputs, inputs, kh, kw), np.float32)
    state[f"{name}.conv.weight"] = weight * np.float32(np.sqrt(2 / (kh * kw * inputs)))
    state[f"{name}.bn.weight"] = rng.uniform(0.7, 1.3, outputs)
    state[f"{name}.bn.bias"] = rng.normal(0, 0.3, outputs)
    state[f"{name}.bn.running_mean"] = rng.normal(0, 0.3, outputs)
    state[f"{name}.bn.running_var"] = rng.uniform(0.7, 1.3, outputs)
  state["fc.weight"] = rng.standard_normal(HEAD_SHAPE[::-1], np.float32)
  state["fc.bias"] = rng.normal(size=HEAD_SHAPE[1])
  return _as_torch(state)


def state_of(tensors):
  """The published layout of folded weights: a BatchNorm that only adds the bias."""
  state = {}
  for shape, (kernel, bias) in zip(SHAPES, tensors.convolutions, strict=True):
    state[f"{shape.name}.conv.weight"] = kernel.transpose(3, 2, 0, 1)
    state[f"{shape.name}.bn.weight"] = np.ones_like(bias)
    state[f"{shape.name}.bn.bias"] = bias
    state[f"{shape.name}.bn.running_mean"] = np.zeros_like(bias)
    state[f"{shape.name}.bn.running_var"] = np.full_like(bias, 1 - BATCH_NORM_EPSILON)
  head = np.zeros(HEAD_SHAPE, np.float32) if tensors.head is None else tensors.head
  state["fc.weight"], state["fc.bias"] = head.T, np.zeros(HEAD_SHAPE[1], np.float32)
  return _as_torch(state)


def _as_torch(state):
  torch = importlib.import_module("torch")
  # Copies, and so in PyTorch's own order of the axes.
  arrays = {name: np.array(array, np.float32, order="C") for name, array in state.items()}
  return {name: torch.from_numpy(array) for name, array in arrays.items()}


def our_tensors(path):
  """A saved state dict through our own reader."""
  convolutions, head = read_official(path)
  return InceptionTensors(convolutions, head, "0" * 64)


def torch_fidelity_features(path):
  """torch-fidelity's network under a saved state dict, as a function of images.

  Returns:
    uint8 [n, height, width, 1 or 3] to float32 [n, 2048], in its own batches of 64.
  """
  torch = importlib.import_module("torch")
  import_torchvision(torch)
  module = importlib.import_module("torch_fidelity.feature_extractor_inceptionv3")
  network = module.FeatureExtractorInceptionV3(
    "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)
  )

  def features(images):
    with torch.no_grad():
      batches = torch_images(images).split(64)
      return torch.cat([network(batch)[0] for batch in batches]).numpy()

  return features


def pytorch_fid_features(path):
  """pytorch-fid's network under a saved state dict, as a function of images, like the above."""
  torch = importlib.import_module("torch")
  import_torchvision(torch)
  module = importlib.import_module("pytorch_fid.inception")
  with mock.patch.object(module, "load_state_dict_from_url", return_value=torch.load(path)):
    network = module.InceptionV3().eval()

  def features(images):
    with torch.no_grad():
      batches = (torch_images(images).float() / 255).split(50)
      return torch.cat([network(batch)[0][:, :, 0, 0] for batch in batches]).numpy()

  return features


def torch_images(images):
  """uint8 [n, height, width, 1 or 3] to a tensor [n, 3, height, width]."""
  torch = importlib.import_module("torch")
  rgb = np.broadcast_to(images, (*images.shape[:-1], 3))
  return torch.from_numpy(np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)))
