"""What the synthetic faces are painted with: a coordinate frame, anti-aliased edges, and a lens.

Lengths are in half head widths: the head's centre is (0, 0), its sides are near ±1, y points down.
A shape is a signed distance, negative inside, and its edge a ramp one pixel wide: no supersampling.

Only operations that IEEE 754 rounds correctly are used (+ − × ÷ √ and comparisons), each on pixels
by themselves. exp and sin differ in the last bit between vector widths, and sums between lengths.
"""

from typing import NamedTuple

import numpy as np

SIZE = 48


class Frame(NamedTuple):
  """Where every pixel of a band of rows lies, float32 [n, rows, 48], and the pixels' size."""

  u: np.ndarray  # across the head
  v: np.ndarray  # down the head
  x: np.ndarray  # across the features, which yaw and pitch move over the head
  y: np.ndarray
  ax: np.ndarray  # |x|: what is drawn as a function of it appears on both sides
  scale: np.ndarray  # [n, 1, 1] pixels in a unit

  def rows(self, first: int, last: int) -> "Frame":
    """A band of rows of this frame: a feature then costs its band's height."""
    band = slice(first, last)
    u, v, x, y, ax = (place[:, band] for place in self[:5])
    return Frame(u, v, x, y, ax, self.scale)

  def inside(self, distance: np.ndarray) -> np.ndarray:
    """How much of each pixel, in [0, 1], lies where a signed distance is negative."""
    return np.clip(0.5 - distance * self.scale, 0, 1)


def frame(pose: dict[str, np.ndarray]) -> Frame:
  """The frame of posed heads.

  Args:
    pose: float32 [n, 1, 1] each: `shift_x` and `shift_y` in pixels, `scale` in pixels per unit,
      `roll` in radians (small), `yaw` and `pitch` in units that the features move over the head.

  Returns:
    The frame of all 48 rows.
  """
  pixel = np.arange(SIZE, dtype=np.float32) - np.float32(SIZE / 2 - 0.5)
  column = pixel.reshape(1, 1, -1) - pose["shift_x"]
  row = pixel.reshape(1, -1, 1) - pose["shift_y"]
  roll = pose["roll"]
  # Two terms of each series: at 0.1 rad the error moves no pixel by a thousandth of itself.
  sin, cos = roll - roll * roll * roll / 6, 1 - roll * roll / 2
  u = (column * cos + row * sin) / pose["scale"]
  v = (row * cos - column * sin) / pose["scale"]
  # A turned head shows its far side foreshortened.
  x = (u - pose["yaw"]) * (1 + pose["yaw"] * u)
  return Frame(u, v, x, v - pose["pitch"], np.abs(x), pose["scale"])


def bump(x: np.ndarray) -> np.ndarray:
  """A smooth hill of height 1 over (−1, 1), zero outside: a Gaussian without exp."""
  hill = np.maximum(1 - x * x, 0)
  return hill * hill


def step(x: np.ndarray) -> np.ndarray:
  """A smooth step from 0 at x <= 0 to 1 at x >= 1."""
  x = np.clip(x, 0, 1)
  return x * x * (3 - 2 * x)


def wave(x: np.ndarray) -> np.ndarray:
  """A triangle wave of period 1 between −1 and 1: a sine without sin."""
  return 4 * np.abs(x - np.floor(x) - 0.5) - 1


def paint(image: np.ndarray, color: np.ndarray | float, cover: np.ndarray) -> None:
  """Lays a color over an image in place, as opaque as the cover says."""
  image += (color - image) * cover


def photograph(
  image: np.ndarray, blur: np.ndarray, noise: np.ndarray, grain: np.ndarray
) -> np.ndarray:
  """Passes images through a soft lens and grainy film to 8 bits.

  Args:
    image: float32 [n, 48, 48], black 0 and white 1; values outside are clipped.
    blur: float32 [n, 1, 1], the weight of each neighbour in a row or column, at most 1/3.
    noise: float32 [n, 1, 1], the grain's amplitude.
    grain: float32 [n, 48, 48] uniform in [0, 1).

  Returns:
    uint8 [n, 48, 48].
  """
  keep = 1 - 2 * blur
  wide = np.pad(image, [(0, 0), (1, 1), (0, 0)], mode="edge")
  image = keep * image + blur * (wide[:, :-2] + wide[:, 2:])
  wide = np.pad(image, [(0, 0), (0, 0), (1, 1)], mode="edge")
  image = keep * image + blur * (wide[..., :-2] + wide[..., 2:])
  image += noise * (2 * grain - 1)
  return (np.clip(image, 0, 1) * 255 + np.float32(0.5)).astype(np.uint8)
