"""The 94 convolutions of the Inception network of 2015-12-05, in the order of its definition.

Szegedy et al. 2015 ("Rethinking the Inception Architecture"), with the names of torch-fidelity's
state dict. `inception` computes with them, `weight_files` finds their numbers.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Shape(NamedTuple):
  """A convolution's name in the state dict, its window, and its channels in and out."""

  name: str
  height: int
  width: int
  inputs: int
  outputs: int


def _shapes() -> Iterator[Shape]:
  yield Shape("Conv2d_1a_3x3", 3, 3, 3, 32)
  yield Shape("Conv2d_2a_3x3", 3, 3, 32, 32)
  yield Shape("Conv2d_2b_3x3", 3, 3, 32, 64)
  yield Shape("Conv2d_3b_1x1", 1, 1, 64, 80)
  yield Shape("Conv2d_4a_3x3", 3, 3, 80, 192)
  yield from _block("Mixed_5b", _35x35(192, pooled=32))
  yield from _block("Mixed_5c", _35x35(256, pooled=64))
  yield from _block("Mixed_5d", _35x35(288, pooled=64))
  yield from _block("Mixed_6a", _35x35_to_17x17(288))
  yield from _block("Mixed_6b", _17x17(768, narrow=128))
  yield from _block("Mixed_6c", _17x17(768, narrow=160))
  yield from _block("Mixed_6d", _17x17(768, narrow=160))
  yield from _block("Mixed_6e", _17x17(768, narrow=192))
  yield from _block("Mixed_7a", _17x17_to_8x8(768))
  yield from _block("Mixed_7b", _8x8(1280))
  yield from _block("Mixed_7c", _8x8(2048))


def _block(name: str, branches: list[Shape]) -> Iterator[Shape]:
  for shape in branches:
    yield shape._replace(name=f"{name}.{shape.name}")


def _35x35(inputs: int, pooled: int) -> list[Shape]:
  return [
    Shape("branch1x1", 1, 1, inputs, 64),
    Shape("branch5x5_1", 1, 1, inputs, 48),
    Shape("branch5x5_2", 5, 5, 48, 64),
    Shape("branch3x3dbl_1", 1, 1, inputs, 64),
    Shape("branch3x3dbl_2", 3, 3, 64, 96),
    Shape("branch3x3dbl_3", 3, 3, 96, 96),
    Shape("branch_pool", 1, 1, inputs, pooled),
  ]


def _35x35_to_17x17(inputs: int) -> list[Shape]:
  return [
    Shape("branch3x3", 3, 3, inputs, 384),
    Shape("branch3x3dbl_1", 1, 1, inputs, 64),
    Shape("branch3x3dbl_2", 3, 3, 64, 96),
    Shape("branch3x3dbl_3", 3, 3, 96, 96),
  ]


def _17x17(inputs: int, narrow: int) -> list[Shape]:
  return [
    Shape("branch1x1", 1, 1, inputs, 192),
    Shape("branch7x7_1", 1, 1, inputs, narrow),
    Shape("branch7x7_2", 1, 7, narrow, narrow),
    Shape("branch7x7_3", 7, 1, narrow, 192),
    Shape("branch7x7dbl_1", 1, 1, inputs, narrow),
    Shape("branch7x7dbl_2", 7, 1, narrow, narrow),
    Shape("branch7x7dbl_3", 1, 7, narrow, narrow),
    Shape("branch7x7dbl_4", 7, 1, narrow, narrow),
    Shape("branch7x7dbl_5", 1, 7, narrow, 192),
    Shape("branch_pool", 1, 1, inputs, 192),
  ]


def _17x17_to_8x8(inputs: int) -> list[Shape]:
  return [
    Shape("branch3x3_1", 1, 1, inputs, 192),
    Shape("branch3x3_2", 3, 3, 192, 320),
    Shape("branch7x7x3_1", 1, 1, inputs, 192),
    Shape("branch7x7x3_2", 1, 7, 192, 192),
    Shape("branch7x7x3_3", 7, 1, 192, 192),
    Shape("branch7x7x3_4", 3, 3, 192, 192),
  ]


def _8x8(inputs: int) -> list[Shape]:
  return [
    Shape("branch1x1", 1, 1, inputs, 320),
    Shape("branch3x3_1", 1, 1, inputs, 384),
    Shape("branch3x3_2a", 1, 3, 384, 384),
    Shape("branch3x3_2b", 3, 1, 384, 384),
    Shape("branch3x3dbl_1", 1, 1, inputs, 448),
    Shape("branch3x3dbl_2", 3, 3, 448, 384),
    Shape("branch3x3dbl_3a", 1, 3, 384, 384),
    Shape("branch3x3dbl_3b", 3, 1, 384, 384),
    Shape("branch_pool", 1, 1, inputs, 192),
  ]


SHAPES: tuple[Shape, ...] = tuple(_shapes())
HEAD_SHAPE = (2048, 1008)  # of the last layer: features in, logits out
