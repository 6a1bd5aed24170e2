"""The synthetic face itself: how each action unit moves nose, skin, eyes, brows and mouth.

`au[12]` is the contraction of FACS unit 12 in [0, 1]; each sum below reads "at rest, plus what
every muscle adds". The numbers were chosen by eye, exaggerating a little: a brow is three pixels
thick.
"""

import numpy as np

from dcgan_jax.data import synthetic_person as body
from dcgan_jax.data.synthetic_canvas import SIZE, Frame, bump, frame, paint, photograph, step

Columns = dict[int, np.ndarray]
Traits = dict[str, np.ndarray]


def draw(units: Columns, draws: np.ndarray, grain: np.ndarray) -> np.ndarray:
  """Renders faces.

  Args:
    units: FACS number → float32 [n], contraction in [0, 1].
    draws: float32 [n, len(TRAITS)] uniform in [0, 1): the person and the picture.
    grain: float32 [n, 48·48] uniform in [0, 1): the film's grain.

  Returns:
    uint8 [n, 48, 48].
  """
  au = {number: column.reshape(-1, 1, 1) for number, column in units.items()}
  t = body.person(draws)
  place = frame(t)
  image = body.backdrop(place, t)
  hair = body.hair(place, t)
  paint(image, hair.shade, hair.outline)
  body.bust(image, place, t)
  skin, on_head = body.head(place, au[26], t)
  _nose(skin, place, au, t)
  _folds(skin, place, au)
  body.beard(skin, place, t)
  _eyes(skin, place, au, t)
  _brows(skin, place, au, t)
  _mouth(skin, place, au, t)
  paint(image, skin, on_head)
  # What falls over the brow, the temples and the ears.
  paint(image, hair.shade, hair.outline * (1 - hair.opening))
  body.glasses(image, place, t)
  return photograph(image, t["blur"], t["noise"], grain.reshape(image.shape))


def _nose(skin: np.ndarray, place: Frame, au: Columns, t: Traits) -> None:
  skin, place = skin[:, 12:35], place.rows(12, 35)
  x, ax, y = place.x, place.ax, place.y - t["nose_length"] + 0.05 * au[9]
  wing = t["nose_width"] * (1 + 0.25 * au[9])
  # The bridge is a lit ridge, in shade on the side away from the lamp.
  along = step((y + 0.42) / 0.3) * step((0.30 - y) / 0.12)
  half = 0.07 + 0.05 * np.clip(y + 0.3, 0, 0.6)
  dark_side = x + np.where(t["light_x"] > 0, 1.5 * half, -1.5 * half)
  skin *= 1 + along * (0.10 * bump(x / (1.4 * half)) - 0.18 * bump(dark_side / (1.4 * half)))
  # The tip, the shadow below it, the nostrils, and the wings' creases.
  skin *= 1 + 0.07 * bump(x / 0.10) * bump((y - 0.14) / 0.10)
  skin *= 1 - 0.20 * bump(x / (1.5 * wing)) * bump((y - 0.29) / 0.08)
  skin *= 1 - 0.62 * bump((ax - 0.68 * wing) / 0.075) * bump((y - 0.235) / 0.055)
  skin *= 1 - (0.16 + 0.34 * au[9]) * bump((ax - 1.25 * wing) / 0.06) * bump((y - 0.17) / 0.11)
  # A wrinkled nose: dark lines across its root.
  lines = bump((y + 0.33) / 0.05) + bump((y + 0.20) / 0.05) + bump((y + 0.07) / 0.05)
  skin *= 1 - 0.45 * au[9] * lines * bump(ax / 0.26)


def _folds(skin: np.ndarray, place: Frame, au: Columns) -> None:
  """The skin between the features: forehead, cheeks, chin."""
  paper, top = skin[:, 3:21], place.rows(3, 21)
  # Raised brows furrow the forehead across, a lowered brow furrows it down the middle.
  arc = top.y - 0.05 * top.x * top.x
  lines = bump((arc + 0.92) / 0.045) + bump((arc + 0.80) / 0.045)
  paper *= 1 - 0.20 * au[1] * (0.3 + 0.7 * au[2]) * lines * bump(top.x / 0.62)
  paper *= 1 - 0.40 * au[4] * bump((top.ax - 0.075) / 0.05) * bump((top.y + 0.46) / 0.17)
  paper, low = skin[:, 20:], place.rows(20, SIZE)
  # Cheeks rise into the light.
  paper *= 1 + (0.04 + 0.12 * au[6]) * bump((low.ax - 0.50) / 0.28) * bump((low.y - 0.20) / 0.25)
  # From the nose's wing to the mouth's corner.
  strength = np.minimum(0.04 + 0.22 * au[12] + 0.36 * au[10] + 0.08 * au[15], 0.45)
  slope = (low.y - 0.16) / 0.42
  fold = 0.22 + (0.30 + 0.10 * au[12]) * slope
  paper *= 1 - strength * bump((low.ax - fold) / 0.075) * bump(2 * slope - 1)
  # A raised chin bulges under the lip, with a shadow in between.
  paper *= 1 - 0.22 * au[17] * bump(low.x / 0.26) * bump((low.y - 0.84) / 0.07)


def _eyes(skin: np.ndarray, place: Frame, au: Columns, t: Traits) -> None:
  skin, place = skin[:, 9:30], place.rows(9, 30)
  x, ax, y = place.x, place.ax, place.y + 0.27
  # −1 at the corner by the nose, 1 at the temple.
  along = (ax - t["eye_spacing"]) / t["eye_size"]
  arch = np.maximum(1 - along * along, 0)
  within = place.inside((np.abs(along) - 1) * t["eye_size"])
  squint = np.maximum(0.8 * au[6], au[7] * (1 - 0.5 * au[5]))
  # Grief pulls the upper lid's inner end up; a scowl pushes it down.
  grief = au[1] * (1 - au[2])
  slant = 0.05 * grief - 0.05 * au[4] * (1 - au[1])
  above = 0.120 + 0.08 * au[5] - 0.050 * squint - 0.03 * grief * au[15] - 0.02 * au[9]
  below = 0.075 + 0.04 * au[5] * (1 - au[7]) - 0.035 * squint - 0.02 * au[9]
  upper = slant * along - above * arch * (1.15 - 0.15 * along)
  # A smile bends the lower lid upwards.
  lower = 0.6 * slant * along + below * arch - 0.065 * au[6] * (1 - au[9]) * arch * arch
  eye = place.inside(upper - y) * place.inside(y - lower) * within
  white = np.minimum(0.58 + 0.38 * t["skin"], 0.92)
  paint(skin, white - 0.20 * bump((y - upper) / 0.09), eye)
  dx = ax - t["eye_spacing"] - np.where(x > 0, t["gaze"], -t["gaze"])
  dy = y + 0.02 + 0.02 * au[5]
  from_pupil = np.sqrt(dx * dx + dy * dy)
  paint(skin, t["iris"], eye * place.inside(from_pupil - 0.105))
  paint(skin, 0.03, eye * place.inside(from_pupil - 0.05))
  # Lashes above, a thin edge below, the lid's crease, the bag, crow's feet.
  edge = np.clip(1.15 - along * along, 0, 1) * within
  paint(skin, 0.08, 0.88 * edge * bump((y - upper + 0.015) / 0.065))
  paint(skin, 0.5 * t["skin"], (0.30 + 0.25 * au[6]) * edge * bump((y - lower - 0.015) / 0.05))
  skin *= 1 - 0.16 * (1 - 0.6 * au[4]) * edge * bump((y - upper + 0.10) / 0.045)
  skin *= 1 - (0.05 + 0.14 * au[6] + 0.12 * au[7]) * edge * bump((y - lower - 0.11) / 0.05)
  feet = bump((y + 0.03) / 0.035) + bump((y - 0.06) / 0.035)
  skin *= 1 - 0.18 * au[6] * feet * bump((ax - t["eye_spacing"] - t["eye_size"] - 0.10) / 0.09)


def _brows(skin: np.ndarray, place: Frame, au: Columns, t: Traits) -> None:
  skin, place = skin[:, 3:23], place.rows(3, 23)
  start, end = 0.16 - 0.06 * au[4], 0.70
  along = np.clip((place.ax - start) / (end - start), 0, 1)
  back = 1 - along
  # Unit 1 decides which way the inner end goes: with it a lowered brow slants up, in grief or fear.
  scowl = au[4] * (1 - au[1])
  inner = 0.19 * scowl + 0.04 * au[9] - (0.17 + 0.05 * au[4]) * au[1]
  outer = 0.05 * scowl - 0.15 * au[2] + 0.10 * au[1] * (1 - au[2])
  path = (
    (t["brow_height"] - 0.555 + 0.05 * scowl)
    + (0.05 * along - 0.16 * back) * along
    + inner * back * back
    + outer * along
  )
  thickness = t["brow_thickness"] * (1.15 - 0.65 * along * along + 0.15 * scowl)
  ends = np.abs(place.ax - (start + end) / 2) - (end - start) / 2
  brow = place.inside(np.abs(place.y - path) - thickness) * place.inside(ends)
  paint(skin, np.minimum(t["brow_shade"], 0.4 * t["skin"]), 0.92 * brow)


def _mouth(skin: np.ndarray, place: Frame, au: Columns, t: Traits) -> None:
  skin, place = skin[:, 27:], place.rows(27, SIZE)
  x, y = place.x, place.y
  # A smile keeps the jaw from rounding the mouth, a stretch from narrowing it.
  jaw = au[26] * (1 - 0.5 * au[12])
  half = 0.37 + 0.13 * au[12] + 0.08 * au[20] - 0.10 * jaw * (1 - au[20]) - 0.02 * au[17]
  along = np.clip(x / half, -1.15, 1.15)
  along2 = along * along
  arch = np.maximum(1 - along2, 0)
  # The opening is a parabola at rest, squarer when stretched or tight, an ellipse at a drop.
  arch = arch * (1 + np.maximum(0.9 * au[20], 0.6 * au[23]) * along2)
  arch += (np.sqrt(arch) - arch) * np.minimum(1.5 * jaw, 1)
  center = 0.60 + 0.02 * jaw - 0.03 * au[10] - 0.03 * au[17]
  bend = -0.23 * au[12] + 0.18 * au[15] + 0.06 * au[20] + 0.05 * au[10] + 0.02 * au[23]
  line = center + bend * (along2 - 0.4)
  top = line - (0.014 + 0.025 * au[25] + 0.07 * jaw + 0.09 * au[10] * au[25]) * arch
  gap = 0.016 + 0.05 * au[25] + 0.20 * jaw + 0.16 * au[25] * au[12] + 0.10 * au[25] * au[20]
  bottom = line + gap * arch
  lip = t["lip_thickness"] * (1 - 0.65 * au[23])
  upper_lip = top - lip * (0.85 - 0.25 * au[12] + 0.5 * au[10]) * arch
  lower_lip = bottom + lip * (1.10 - 0.20 * au[12] + 0.25 * au[17]) * arch
  within = place.inside((np.abs(along) - 1) * half)
  lips = place.inside(upper_lip - y) * place.inside(y - lower_lip) * within
  # The lower lip faces the lamp, the upper one does not.
  shade = t["lip_shade"] * np.where(y > line, np.float32(1.08), np.float32(0.90))
  skin *= 1 + (shade - 1) * lips
  skin *= 1 - 0.18 * bump(along / 0.9) * bump((y - lower_lip - 0.05) / 0.06)
  hollow = place.inside(top - y) * place.inside(y - bottom) * within
  paint(skin, 0.06, hollow)
  # Teeth show under an upper lip that a muscle draws away from them.
  shown = step(5 * np.maximum(au[12], au[20]) * au[25] - 0.4)
  shown = shown * step((1 - np.abs(along)) / 0.25)
  paint(skin, 0.92, hollow * place.inside(y - top - 0.13 * arch) * shown)
  # The line of closed lips, and the corners.
  seam = bump((y - line) / (0.045 + 0.01 * au[23])) * place.inside((np.abs(along) - 1.03) * half)
  paint(skin, 0.08, (0.72 + 0.2 * au[23]) * seam * (1 - np.minimum(3 * au[25], 1)))
  corner = bump((place.ax - 1.04 * half) / 0.07) * bump((y - center - 0.6 * bend) / 0.08)
  skin *= 1 - (0.20 + 0.25 * np.maximum(au[12], au[15])) * corner
