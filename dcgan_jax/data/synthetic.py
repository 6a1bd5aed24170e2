"""The built-in data set: small grayscale faces whose expression is drawn by facial action units.

An expression is a point in the space of action units (FACS, Ekman and Friesen 1978), scattered
around the prototype that EMFACS gives it; `synthetic_face` turns that point, and a person drawn at
random, into pixels. Nothing is stored: image i of a seed can be rendered alone, in any order.

    faces = render(seed=0, start=0, stop=64)
    faces.images[3], EXPRESSIONS[faces.labels[3]]

Every image is built from additions, multiplications, divisions, square roots and comparisons, each
correctly rounded by IEEE 754, with no sum over an axis and no exp or sin, whose last bit depends on
the vector width. So an image's bits depend neither on the batch it was rendered in nor on the CPU.
"""

from typing import NamedTuple

import numpy as np

from dcgan_jax.data import synthetic_face
from dcgan_jax.data.synthetic_canvas import SIZE
from dcgan_jax.data.synthetic_person import TRAITS

# The order of FER-2013's labels.
EXPRESSIONS: tuple[str, ...] = (
  "angry",
  "disgust",
  "fear",
  "happy",
  "sad",
  "surprise",
  "neutral",
)

# FACS number → name.
_UNITS = {
  1: "inner brow raiser",
  2: "outer brow raiser",
  4: "brow lowerer",
  5: "upper lid raiser",
  6: "cheek raiser",
  7: "lid tightener",
  9: "nose wrinkler",
  10: "upper lip raiser",
  12: "lip corner puller",
  15: "lip corner depressor",
  17: "chin raiser",
  20: "lip stretcher",
  23: "lip tightener",
  25: "lips part",
  26: "jaw drop",
}
ACTION_UNITS: tuple[str, ...] = tuple(f"AU{number} {name}" for number, name in _UNITS.items())

# How strongly each expression contracts each unit at full intensity, after EMFACS.
_EMFACS: dict[str, dict[int, float]] = {
  "angry": {4: 1.0, 5: 0.6, 7: 0.7, 23: 1.0},
  "disgust": {4: 0.5, 6: 0.3, 7: 0.6, 9: 1.0, 10: 1.0, 15: 0.5, 25: 0.4},
  "fear": {1: 1.0, 2: 0.6, 4: 0.6, 5: 1.0, 20: 1.0, 25: 1.0, 26: 0.3},
  "happy": {6: 1.0, 12: 1.0, 25: 0.9, 26: 0.2},
  "sad": {1: 1.0, 4: 0.6, 15: 1.0, 17: 0.8},
  "surprise": {1: 1.0, 2: 1.0, 5: 0.9, 25: 1.0, 26: 1.0},
  "neutral": {},
}
PROTOTYPES = np.array(
  [[_EMFACS[name].get(number, 0.0) for number in _UNITS] for name in EXPRESSIONS], np.float32
)
"""float32 [7, len(ACTION_UNITS)]: the action units of each expression at full intensity."""

NUM_IMAGES = 28_000
"""How many images `prepare synthetic` writes: about FER-2013's training split, all distinct."""

# An expression is shown at 75–100 % of its prototype, each unit then varying by itself, and every
# muscle, used or not, has a little tone.
_WEAKEST = np.float32(0.75)
_UNIT_SCATTER = np.float32(0.25)
_TONE = np.float32(0.08)

# Small enough that the dozen arrays alive at a time stay in a core's cache.
_CHUNK = 16


class Faces(NamedTuple):
  """Rendered faces with what they show."""

  images: np.ndarray  # uint8 [n, 48, 48, 1]
  labels: np.ndarray  # int32 [n], an index into EXPRESSIONS
  action_units: np.ndarray  # float32 [n, len(ACTION_UNITS)], contraction in [0, 1]


def render(seed: int, start: int, stop: int) -> Faces:
  """Renders images start, …, stop − 1 of the endless sequence that a seed names.

  Args:
    seed: names the sequence; 0 <= seed < 2⁶⁴.
    start: the first image's index, >= 0.
    stop: one past the last image's index, >= start.

  Returns:
    stop − start faces. Face i is a pure function of (seed, i), bit for bit, whatever the range it
    was rendered in; its label is uniform over the seven expressions.

  Raises:
    ValueError: an argument out of its range.
  """
  if not 0 <= seed < 2**64:
    raise ValueError(f"seed is {seed}, expected 0 <= seed < 2**64")
  if start < 0:
    raise ValueError(f"start is {start}, expected an index >= 0")
  if stop < start:
    raise ValueError(f"stop is {stop}, expected at least start, which is {start}")
  faces = Faces(
    images=np.empty((stop - start, SIZE, SIZE, 1), np.uint8),
    labels=np.empty(stop - start, np.int32),
    action_units=np.empty((stop - start, len(ACTION_UNITS)), np.float32),
  )
  for first in range(start, stop, _CHUNK):
    last = min(first + _CHUNK, stop)
    here = slice(first - start, last - start)
    faces.labels[here], faces.action_units[here], faces.images[here, ..., 0] = _chunk(
      seed, first, last
    )
  return faces


def _chunk(seed: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Labels, action units and images of a few faces, each from its own random stream."""
  num_units = len(ACTION_UNITS)
  num_draws = 2 + 2 * num_units + len(TRAITS) + SIZE**2
  draws = np.stack([_uniform(seed, index, num_draws) for index in range(start, stop)])
  label, intensity, scatter, tone, traits, grain = np.split(
    draws, np.cumsum([1, 1, num_units, num_units, len(TRAITS)]), axis=1
  )
  # A float32 draw is at most 1 − 2⁻²⁴, and seven times that still rounds below 7.
  labels = (label[:, 0] * np.float32(len(EXPRESSIONS))).astype(np.int32)
  strength = _WEAKEST + (1 - _WEAKEST) * intensity
  units = PROTOTYPES[labels] * strength * (1 - _UNIT_SCATTER * scatter)
  units = np.minimum(units + _TONE * tone, np.float32(1))
  images = synthetic_face.draw(dict(zip(_UNITS, units.T, strict=True)), traits, grain)
  return labels, units, images


def _uniform(seed: int, index: int, count: int) -> np.ndarray:
  """Float32 [count] uniform on [0, 1), from the counter-based stream keyed by (seed, index)."""
  key = np.array([seed, index], np.uint64)
  return np.random.Generator(np.random.Philox(key=key)).random(count, np.float32)
