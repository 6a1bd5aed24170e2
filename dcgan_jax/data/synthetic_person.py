"""Who is in a synthetic picture, and what surrounds the face: head, hair, glasses, background.

Nothing here carries the expression, save that a dropped jaw lengthens the head.
"""

from typing import NamedTuple

import numpy as np

from dcgan_jax.data.synthetic_canvas import SIZE, Frame, bump, paint, step, wave

# What varies between people and between pictures, each uniform in its range. Lengths are in half
# head widths, shades from 0 (black) to 1 (white).
TRAITS: dict[str, tuple[float, float]] = {
  "shift_x": (-1.0, 1.0),  # pixels
  "shift_y": (-0.7, 0.7),
  "scale": (19.0, 20.6),  # pixels in half a head's width
  "roll": (-0.08, 0.08),  # radians
  "yaw": (-0.10, 0.10),  # how far the features move over the head
  "pitch": (-0.04, 0.04),
  "head_width": (0.90, 1.02),
  "head_height": (1.15, 1.24),
  "jaw": (0.10, 0.28),  # 0: the chin of an ellipse; more: a narrower one
  "skin": (0.50, 0.84),
  "light_x": (-0.8, 0.8),
  "light_y": (-0.6, 0.0),
  "ambient": (0.44, 0.60),
  "eye_spacing": (0.39, 0.43),
  "eye_size": (0.24, 0.275),
  "iris": (0.05, 0.28),
  "gaze": (-0.03, 0.03),
  "brow_thickness": (0.045, 0.078),
  "brow_height": (-0.02, 0.02),
  "brow_shade": (0.05, 0.20),
  "nose_width": (0.11, 0.155),
  "nose_length": (-0.02, 0.04),
  "lip_thickness": (0.065, 0.10),
  "lip_shade": (0.60, 0.80),  # of the skin's
  "hair_style": (0.0, 1.0),  # bald, short, short fringe, long fringe, long
  "hair_shade": (0.04, 0.42),
  "hair_line": (-0.98, -0.84),
  "hair_part": (-0.5, 0.5),
  "hair_volume": (0.05, 0.20),
  "hair_length": (0.0, 1.0),
  "beard": (0.0, 1.0),  # none, moustache, full
  "glasses": (0.0, 1.0),
  "background": (0.10, 0.92),
  "background_tilt": (-0.12, 0.12),
  "background_fall": (-0.12, 0.12),
  "background_pattern": (-0.05, 0.05),
  "clothes": (0.08, 0.80),
  "blur": (0.02, 0.09),
  "noise": (0.004, 0.018),
}


def person(draws: np.ndarray) -> dict[str, np.ndarray]:
  """Traits by name, with the styles they imply.

  Args:
    draws: float32 [n, len(TRAITS)] uniform in [0, 1).

  Returns:
    float32 [n, 1, 1] each: the fields of TRAITS in their ranges, and 0 or 1 for `haired`,
    `fringed`, `long_haired`, `bearded`, `moustached` and `bespectacled`.
  """
  low, high = np.array(list(TRAITS.values()), np.float32).T
  scaled = (low + (high - low) * draws)[:, :, None, None]
  traits = {name: scaled[:, i] for i, name in enumerate(TRAITS)}
  style, beard = traits["hair_style"], traits["beard"]
  styles = {
    "haired": style > 0.06,
    "fringed": (style > 0.40) & (style < 0.75),
    "long_haired": style > 0.60,
    "bearded": (style < 0.60) & (beard > 0.84),
    "moustached": (style < 0.60) & (beard > 0.74),
    "bespectacled": traits["glasses"] > 0.86,
  }
  return traits | {name: worn.astype(np.float32) for name, worn in styles.items()}


def backdrop(frame: Frame, t: dict[str, np.ndarray]) -> np.ndarray:
  """A wall with a gradient and a faint pattern: float32 [n, 48, 48]."""
  wall = t["background"] + t["background_tilt"] * frame.u + t["background_fall"] * frame.v
  return wall + t["background_pattern"] * wave(0.9 * frame.u + 0.5 * frame.v)


def bust(image: np.ndarray, frame: Frame, t: dict[str, np.ndarray]) -> None:
  """A neck, in the head's shadow, and shoulders."""
  image, frame = image[:, 34:], frame.rows(34, SIZE)
  neck = frame.inside(np.abs(frame.u) - 0.56) * frame.inside(0.5 - frame.v)
  paint(image, t["skin"] * 0.5, neck)
  paint(image, t["clothes"], frame.inside(1.20 + 0.12 * np.abs(frame.u) - frame.v))


def head(
  frame: Frame, jaw_drop: np.ndarray, t: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
  """Lit skin over the whole picture, and the head's cover, ears included."""
  down = np.maximum(frame.v, 0)
  across = frame.u / (t["head_width"] * (1 - t["jaw"] * down * down))
  down = frame.v / (t["head_height"] * np.where(frame.v > 0, 0.93 + 0.07 * jaw_drop, 1))
  radius2 = across * across + down * down
  cover = frame.inside((np.sqrt(radius2) - 1) * 0.9)
  # A dome under one lamp: its brightness is the slope's cosine with the light, and the rim darkens.
  facing = np.sqrt(1.03 - 0.88 * np.minimum(radius2, 1))
  lamp = 0.85 * facing + 0.70 * t["light_x"] * across + 0.40 * t["light_y"] * down
  light = t["ambient"] + (1.10 - t["ambient"]) * np.maximum(lamp, 0)
  # Eye sockets lie in shade; the forehead and the chin catch the light.
  light -= 0.14 * bump((frame.ax - 0.40) / 0.36) * bump((frame.y + 0.30) / 0.24)
  light += 0.05 * bump(frame.x / 0.55) * bump((frame.y + 0.72) / 0.25)
  light += 0.06 * bump(frame.x / 0.28) * bump((frame.y - 0.96) / 0.20)
  ear_x = (np.abs(frame.u) - t["head_width"]) / 0.11
  ear_y = (frame.y + 0.06) / 0.22
  ear = np.sqrt(ear_x * ear_x + ear_y * ear_y)
  light -= 0.20 * bump(ear * 0.9)
  return t["skin"] * light, np.maximum(cover, frame.inside((ear - 1) * 0.11))


def beard(skin: np.ndarray, frame: Frame, t: dict[str, np.ndarray]) -> None:
  """A beard along the jaw and a moustache, on those who wear them."""
  shade = np.minimum(1.3 * t["brow_shade"], 0.35 * t["skin"])
  skin, frame = skin[:, 26:], frame.rows(26, SIZE)
  jaw = step((frame.y - 0.30 - 0.30 * bump(frame.ax / 0.75)) / 0.30)
  jaw *= 1 - bump(frame.x / 0.55) * bump((frame.y - 0.60) / 0.30)
  paint(skin, shade, 0.75 * t["bearded"] * jaw)
  lip = bump(frame.x / 0.46) * bump((frame.y - 0.40 - 0.12 * frame.ax) / 0.10)
  paint(skin, shade, 0.80 * t["moustached"] * np.minimum(1.3 * lip, 1))


class Hair(NamedTuple):
  """Hair as it lies behind the head and, outside the face's opening, in front of it."""

  shade: np.ndarray
  outline: np.ndarray
  opening: np.ndarray


def hair(frame: Frame, t: dict[str, np.ndarray]) -> Hair:
  """Hair of every style: float32 [n, 48, 48] each."""
  u, v, long_ = frame.u, frame.v, t["long_haired"]
  across = u / (t["head_width"] + t["hair_volume"] * (0.4 + 0.9 * long_))
  # Long hair falls straight from the widest point of the head.
  down = np.where(v > 0, v * (1 - 0.95 * long_), v) / (t["head_height"] + t["hair_volume"])
  outline = frame.inside((np.sqrt(across * across + down * down) - 1) * 0.9)
  end = -0.22 + long_ * (0.75 + 0.9 * t["hair_length"])
  outline *= frame.inside((v - end) * 0.5) * t["haired"]
  # The opening is a rounded rectangle, its top rising towards the parting.
  from_part = u - 0.5 * t["yaw"] - t["hair_part"]
  temple = u / (t["head_width"] * (0.90 - 0.05 * long_))
  temple2 = temple * temple
  line = t["hair_line"] + 0.10 * t["fringed"] + 0.10 * (1 + t["fringed"]) * from_part * from_part
  line += 0.30 * temple2 * temple2
  opening = frame.inside((line - v) * 0.8) * frame.inside((np.abs(temple) - 1) * 0.9)
  # Strands run from the parting, with a sheen where the head turns to the lamp.
  comb = wave(from_part * (3.0 - v)) * (0.6 + 0.4 * wave(2.3 * from_part * (3.0 - v)))
  sheen = bump((v + 0.90) / 0.55) * bump((u - 0.5 * t["light_x"]) / 0.9)
  shade = t["hair_shade"] * (0.85 + 0.10 * comb - 0.15 * np.maximum(v, 0)) + 0.14 * sheen
  return Hair(shade, outline, opening)


def glasses(image: np.ndarray, frame: Frame, t: dict[str, np.ndarray]) -> None:
  """Dark rims, a bridge and temples, on those who wear them."""
  image, frame = image[:, 10:31], frame.rows(10, 31)
  x2 = (frame.ax - t["eye_spacing"] - 0.01) / 0.33
  y2 = (frame.y + 0.24) / 0.25
  x2, y2 = x2 * x2, y2 * y2
  # Between an ellipse and a rectangle: x⁴ + y⁴ = 1.
  rim = np.abs(np.sqrt(np.sqrt(x2 * x2 + y2 * y2)) - 1) * 0.27 - 0.018
  bar = np.abs(frame.y + 0.30) - 0.02
  bridge = np.maximum(bar, frame.ax - 0.10)
  temple = np.maximum(np.maximum(bar, 0.74 - frame.ax), np.abs(frame.u) - t["head_width"])
  wire = frame.inside(np.minimum(np.minimum(rim, bridge), temple))
  paint(image, 0.12, 0.80 * t["bespectacled"] * wire)
