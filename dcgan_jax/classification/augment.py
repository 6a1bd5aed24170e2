"""What a face may look like and still show the same expression: drawn anew at each update.

Mirroring, a similarity transform (shift, turn, scale) and random erasing: what Khaireddin and Chen
2021 train on FER-2013 with, at half their shifts and scales since a run here is shorter. Erasing
(Zhong et al. 2020) has the network look at eyes and mouth both. No mixup and no colours: FER-2013's
labels are soft enough already, and the network standardises exposure away.
"""

import jax
import jax.numpy as jnp

MAX_SHIFT = 0.1  # of the side
MAX_TURN = jnp.pi / 18  # 10°
MAX_SCALE = 0.1
ERASE_CHANCE = 0.5
ERASED_SIDES = (0.15, 0.4)  # of the image's, at least and at most


def augment(pixels: jax.Array, key: jax.Array) -> jax.Array:
  """Mirrors, moves and partly erases one image.

  Args:
    pixels: float32 [height, width, channels].
    key: of this image at this update.

  Returns:
    float32 of the same shape, within the image's own range.
  """
  mirror_key, move_key, erase_key = jax.random.split(key, 3)
  pixels = jnp.where(jax.random.bernoulli(mirror_key), pixels[:, ::-1], pixels)
  shift_key, turn_key, scale_key = jax.random.split(move_key, 3)
  shift = jax.random.uniform(shift_key, (2,), minval=-MAX_SHIFT, maxval=MAX_SHIFT)
  turn = jax.random.uniform(turn_key, minval=-MAX_TURN, maxval=MAX_TURN)
  scale = 1 + jax.random.uniform(scale_key, minval=-MAX_SCALE, maxval=MAX_SCALE)
  return erase(move(pixels, shift, turn, scale), erase_key)


def move(pixels: jax.Array, shift: jax.Array, turn: jax.Array, scale: jax.Array) -> jax.Array:
  """Shifts, turns about the centre and scales one image, with bilinear interpolation.

  What comes in from outside repeats the edge, so that no black bar tells of the shift.

  Args:
    pixels: float32 [height, width, channels].
    shift: float32 [2], down and right, as parts of the sides.
    turn: radians, clockwise.
    scale: above 1 enlarges.

  Returns:
    float32 of the same shape.
  """
  height, width, _ = pixels.shape
  centre = jnp.array([(height - 1) / 2, (width - 1) / 2])
  rows, columns = jnp.meshgrid(jnp.arange(height), jnp.arange(width), indexing="ij")
  # Where each pixel of the result comes from: back by the shift, back by the turn and the scale.
  y = rows - centre[0] - shift[0] * height
  x = columns - centre[1] - shift[1] * width
  cosine, sine = jnp.cos(turn) / scale, jnp.sin(turn) / scale
  origin = [cosine * y - sine * x + centre[0], sine * y + cosine * x + centre[1]]

  def channel(plane: jax.Array) -> jax.Array:
    moved: jax.Array = jax.scipy.ndimage.map_coordinates(plane, origin, order=1, mode="nearest")
    return moved

  return jax.vmap(channel, in_axes=-1, out_axes=-1)(pixels)


def erase(pixels: jax.Array, key: jax.Array) -> jax.Array:
  """Replaces a rectangle of one image by its mean, half of the time.

  Args:
    pixels: float32 [height, width, channels].
    key: decides whether, where and how much; part of the rectangle may lie outside.

  Returns:
    float32 of the same shape.
  """
  height, width, _ = pixels.shape
  chance_key, size_key, place_key = jax.random.split(key, 3)
  least, most = ERASED_SIDES
  sides = jax.random.uniform(size_key, (2,), minval=least, maxval=most)
  centre = jax.random.uniform(place_key, (2,))
  rows = jnp.abs((jnp.arange(height) + 0.5) / height - centre[0]) < sides[0] / 2
  columns = jnp.abs((jnp.arange(width) + 0.5) / width - centre[1]) < sides[1] / 2
  hidden = rows[:, None] & columns[None, :] & jax.random.bernoulli(chance_key, ERASE_CHANCE)
  return jnp.where(hidden[..., None], jnp.mean(pixels), pixels)
