"""State dicts saved by PyTorch itself, in both of its formats, against our reading of them."""

import collections

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="extra 'peers' is not installed")

from dcgan_jax.errors import UserError
from dcgan_jax.metrics import weight_files
from dcgan_jax.metrics.inception_shapes import Shape
from dcgan_jax.metrics.torch_pickle import read_state_dict

BOTH = pytest.mark.parametrize("as_zip", [True, False], ids=["zip", "legacy"])


def basic_conv(inputs, outputs):
  return torch.nn.Sequential(
    collections.OrderedDict(
      conv=torch.nn.Conv2d(inputs, outputs, 3, bias=False),
      bn=torch.nn.BatchNorm2d(outputs, eps=1e-3),
    )
  )


def network():
  layers = collections.OrderedDict(first=basic_conv(3, 4), second=basic_conv(4, 5))
  layers["fc"] = torch.nn.Linear(5, 7)
  return torch.nn.Sequential(layers)


def save(state, path, as_zip):
  torch.save(state, path, _use_new_zipfile_serialization=as_zip)
  return path


def assert_same_as_torch(path):
  expected = torch.load(path, weights_only=True)
  state = read_state_dict(path)
  assert list(state) == list(expected)
  for name, tensor in expected.items():
    theirs = tensor.detach().numpy()
    assert state[name].dtype == theirs.dtype, name
    np.testing.assert_array_equal(state[name], theirs, err_msg=name)


@BOTH
def test_a_networks_state_dict_is_read_bit_for_bit(tmp_path, as_zip):
  assert_same_as_torch(save(network().state_dict(), tmp_path / "a.pth", as_zip))


@BOTH
def test_a_plain_dict_of_parameters_is_read_bit_for_bit(tmp_path, as_zip):
  state = dict(network().named_parameters())
  assert_same_as_torch(save(state, tmp_path / "a.pth", as_zip))


@BOTH
def test_views_of_one_storage_are_read_bit_for_bit(tmp_path, as_zip):
  whole = torch.randn(4, 6)
  state = {"whole": whole, "transposed": whole.T, "corner": whole[1:3, 2:5:2], "none": whole[:0]}
  assert_same_as_torch(save(state, tmp_path / "a.pth", as_zip))


@BOTH
def test_a_saved_module_is_refused(tmp_path, as_zip):
  with pytest.raises(UserError, match=r"refused: .*torch\.nn\.modules"):
    read_state_dict(save(network(), tmp_path / "a.pth", as_zip))


@BOTH
def test_the_official_layout_is_read_and_folded(tmp_path, monkeypatch, as_zip):
  shapes = tuple(Shape(name, 3, 3, *io) for name, io in SMALL.items())
  monkeypatch.setattr(weight_files, "SHAPES", shapes)
  monkeypatch.setattr(weight_files, "HEAD_SHAPE", (5, 7))
  model = network().eval()
  for block in (model.first, model.second):
    for values in (block.bn.weight, block.bn.bias, block.bn.running_mean, block.bn.running_var):
      torch.nn.init.uniform_(values, 0.5, 1.5)
  path = save(model.state_dict(), tmp_path / "a.pth", as_zip)
  convolutions, head = weight_files.read_official(path)
  images = torch.randn(2, 3, 9, 9)
  with torch.no_grad():
    expected = model.second(model.first(images))
    got = images
    for kernel, bias in convolutions:
      weight = torch.tensor(kernel).permute(3, 2, 0, 1)  # HWIO back to OIHW
      got = torch.nn.functional.conv2d(got, weight, torch.tensor(bias))
  # Two layers of float32 sums of 27 and 36 terms.
  torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)
  np.testing.assert_array_equal(head, model.fc.weight.detach().numpy().T)


SMALL = {"first": (3, 4), "second": (4, 5)}
