"""Hostile arrays: objects that run a command, shapes that are claimed, zeros that unpack."""

import io
import os
import pathlib
import pickle
import zipfile

import numpy as np

from .cases import Maker
from .spoilt import fifo, hole
from .zeros import deflated, deflated_zeros
from .zips import Member, write_zip


class Evil:
  """What runs a command as it is unpickled."""

  def __init__(self, mark: pathlib.Path):
    self.mark = mark

  def __reduce__(self) -> tuple[object, ...]:
    return os.system, (f"touch {self.mark}",)


def _npz(path: pathlib.Path, **arrays: np.ndarray) -> pathlib.Path:
  np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
  return path


def _npy_header(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
  file = io.BytesIO()
  header = {"descr": kind, "fortran_order": False, "shape": shape}
  np.lib.format.write_array_header_1_0(file, header)
  return file.getvalue()


def npz_bomb(names: dict[bytes, tuple[str, tuple[int, ...]]]) -> Maker:
  """A maker of an .npz of zeros: array's name → its type and shape."""

  def member(name: bytes, kind: str, shape: tuple[int, ...]) -> Member:
    header, size = _npy_header(shape, kind), int(np.prod(shape)) * np.dtype(kind).itemsize
    data = deflated(header) + b"".join(deflated_zeros(size))
    return Member(name + b".npy", data, len(header) + size, zipfile.ZIP_DEFLATED, crc=0)

  def make(place: pathlib.Path) -> pathlib.Path:
    return write_zip(place / "bomb.npz", [member(name, *one) for name, one in names.items()])

  return make


def npz_of_claims(names: dict[bytes, tuple[str, tuple[int, ...]]]) -> Maker:
  """A maker of an .npz whose headers claim what is not there."""

  def make(place: pathlib.Path) -> pathlib.Path:
    members = [
      Member(name + b".npy", _npy_header(shape, kind)) for name, (kind, shape) in names.items()
    ]
    return write_zip(place / "claims.npz", members)

  return make


def npz_of_objects(names: tuple[str, ...]) -> Maker:
  """A maker of an .npz of objects, which would touch `ran` beside it if they were unpickled."""

  def make(place: pathlib.Path) -> pathlib.Path:
    evil = np.array([Evil(place / "ran")], dtype=object)
    return _npz(place / "objects.npz", **dict.fromkeys(names, evil))

  return make


def pickle_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A pickle called .npz, which would touch `ran` beside it."""
  path = place / "pickle.npz"
  path.write_bytes(pickle.dumps(Evil(place / "ran")))
  return path


def fifo_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A pipe called .npz."""
  return fifo(place / "pipe.npz")


def text_as_npz(place: pathlib.Path) -> pathlib.Path:
  """A web page called .npz."""
  path = place / "page.npz"
  path.write_text("<!DOCTYPE html>")
  return path


def npz_of(**arrays: np.ndarray) -> Maker:
  """A maker of an .npz of these arrays."""
  return lambda place: _npz(place / "arrays.npz", **arrays)


_FACES = np.zeros((4, 48, 48, 1), np.uint8)
_IMAGES = {b"images": ("|u1", (2**10, 48, 48, 1))}
_HUGE = {b"images": ("|u1", (10**12, 48, 48, 1))}
IMAGE_ARRAYS: dict[str, Maker] = {
  "objects": npz_of_objects(("images",)),
  "objects as classes": npz_of_objects(("labels", "class_names")),
  "a pickle": pickle_as_npz,
  "a web page": text_as_npz,
  "a pipe": fifo_as_npz,
  "10^12 claimed": npz_of_claims(_HUGE),
  "more than is there": npz_of_claims({b"images": ("|u1", (10**6, 48, 48, 1))}),
  "a shape of less than nothing": npz_of_claims({b"images": ("|u1", (-1, 48, 48, 1))}),
  "a bomb": npz_bomb({b"images": ("|u1", (2**20, 48, 64, 1))}),
  "a bomb of classes": npz_bomb(_IMAGES | {b"class_names": ("<U1048576", (2**9,))}),
  "nan": npz_of(images=np.full((4, 48, 48, 1), np.nan)),
  "floats": npz_of(images=np.zeros((4, 48, 48, 1))),
  "no channels": npz_of(images=_FACES[..., 0]),
  "four channels": npz_of(images=np.zeros((4, 48, 48, 4), np.uint8)),
  "no images": npz_of(images=_FACES[:0]),
  "another name": npz_of(pictures=_FACES),
  "labels of nothing": npz_of(images=_FACES, labels=np.full(4, 99), class_names=np.array(["a"])),
  "a label less": npz_of(images=_FACES, labels=np.zeros(3, int), class_names=np.array(["a"])),
}

_MEAN, _COVARIANCE = ("<f8", (2048,)), ("<f8", (2048, 2048))
STATISTICS: dict[str, Maker] = {
  "objects": npz_of_objects(("mu", "sigma")),
  "a pickle": pickle_as_npz,
  "a pipe": fifo_as_npz,
  "10^12 claimed": npz_of_claims({b"mu": ("<f8", (10**12,)), b"sigma": _COVARIANCE}),
  "less than is there": npz_of_claims({b"mu": _MEAN, b"sigma": _COVARIANCE}),
  "a bomb": npz_bomb({b"mu": _MEAN, b"sigma": ("<f8", (2**14, 2**14))}),
  "nan": npz_of(mu=np.full(2048, np.nan), sigma=np.eye(2048)),
  "not symmetric": npz_of(mu=np.zeros(2048), sigma=np.triu(np.ones((2048, 2048)))),
  "another width": npz_of(mu=np.zeros(64), sigma=np.eye(64)),
  "texts": npz_of(mu=np.array(["a"] * 2048), sigma=np.eye(2048)),
}


def weights(kind: str) -> Maker:
  """A maker of a file of weights that is none; a pickle in it would touch `ran` beside it."""

  def make(place: pathlib.Path) -> pathlib.Path:
    path = place / "pt_inception-2015-12-05-6726825d.pth"
    evil = pickle.dumps({"weight": Evil(place / "ran")}, protocol=2)
    if kind == "zip":
      with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", evil)
    elif kind == "hole":
      hole(path, size=2**28)
    elif kind == "pipe":
      fifo(path)
    else:
      path.write_bytes(evil)
    return path

  return make
