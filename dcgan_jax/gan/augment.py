"""Differentiable augmentation of all that the discriminator sees (Zhao et al. 2020).

Real and generated images go through changes of the same kind, each drawn anew, and the generator's
gradient goes through them too. So the discriminator cannot learn a small data set by heart, and the
generator learns the images as they are, not the changes.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dcgan_jax import parallel

_Draw = Callable[[int], jax.Array]  # so many numbers in [0, 1) for every image: [batch, count]


def augment(
  pixels: jax.Array,
  kinds: tuple[str, ...],
  key: jax.Array,
  axis_name: str | None,
  share: jax.Array | None = None,
) -> jax.Array:
  """Changes every image at random, each in its own way.

  Args:
    pixels: float [batch, height, width, channels] in [-1, 1]: one device's share of a batch.
    kinds: some of KINDS, applied in this order; none changes nothing.
    key: the same on all devices. Draws are for the global batch and cut like it.
    axis_name: the mapped axis, None outside of one.
    share: probability in [0, 1] with which each kind changes an image (Karras et al. 2020, section
      2.3), but for flips, which are always drawn; None for 1.

  Returns:
    float of the same shape; colours may leave [-1, 1].
  """
  total = pixels.shape[0] * parallel.axis_size(axis_name)
  for kind in kinds:
    kind_key = jax.random.fold_in(key, KINDS.index(kind))

    def draw(count: int, kind_key: jax.Array = kind_key) -> jax.Array:
      return parallel.own_share(jax.random.uniform(kind_key, (total, count)), axis_name)

    changed = _CHANGES[kind](pixels, draw)
    if share is not None and kind in WAITING:
      chosen = draw(1, jax.random.fold_in(kind_key, 0)) < share
      changed = jnp.where(chosen[:, :, None, None], changed, pixels)
    pixels = changed
  return pixels


def _color(pixels: jax.Array, draw: _Draw) -> jax.Array:
  """Brightness by ±0.5, saturation by a factor of 0 to 2, contrast of 0.5 to 1.5."""
  brightness, saturation, contrast = draw(3).T[:, :, None, None, None]
  pixels = pixels + (brightness - 0.5)
  gray = jnp.mean(pixels, axis=3, keepdims=True)  # of a gray image, the image itself
  pixels = gray + (pixels - gray) * (2.0 * saturation)
  level = jnp.mean(pixels, axis=(1, 2, 3), keepdims=True)
  return level + (pixels - level) * (contrast + 0.5)


def _translation(pixels: jax.Array, draw: _Draw) -> jax.Array:
  """Moves by up to an eighth of the side, down and right or up and left; 0 comes in."""
  _, height, width, _ = pixels.shape
  down, right = draw(2).T
  rows = _shift(_whole(down, -round(height / 8), round(height / 8)), height)
  columns = _shift(_whole(right, -round(width / 8), round(width / 8)), width)
  # A product with a shifted unit matrix moves nothing but whole rows, which TPUs do fast, and in
  # full precision moves them unchanged.
  exact = jax.lax.Precision.HIGHEST
  pixels = jnp.einsum("bik,bkwc->biwc", rows, pixels, precision=exact)
  return jnp.einsum("bjk,bhkc->bhjc", columns, pixels, precision=exact)


def _shift(steps: jax.Array, size: int) -> jax.Array:
  """float32 [batch, size, size]: ones where output row i is input row i - steps."""
  index = jnp.arange(size)
  return (index[None, None, :] == index[None, :, None] - steps[:, None, None]).astype(jnp.float32)


def _cutout(pixels: jax.Array, draw: _Draw) -> jax.Array:
  """Sets a rectangle of half the height and width to 0; it may hang over the edge."""
  _, height, width, _ = pixels.shape
  down, right = draw(2).T
  rows = _covered(_whole(down, 0, height), height)
  columns = _covered(_whole(right, 0, width), width)
  hole = rows[:, :, None] & columns[:, None, :]
  return jnp.where(hole[..., None], 0.0, pixels)


def _flip(pixels: jax.Array, draw: _Draw) -> jax.Array:
  """Mirrors left and right, half of the images. What is no longer told apart may be generated."""
  mirrored = draw(1)[:, :, None, None] < 0.5
  return jnp.where(mirrored, pixels[:, :, ::-1], pixels)


def _covered(centre: jax.Array, size: int) -> jax.Array:
  """bool [batch, size]: the size / 2 places around each centre."""
  offset = jnp.arange(size)[None, :] - centre[:, None]
  return (offset >= -(size // 4)) & (offset < size // 2 - size // 4)


def _whole(uniform: jax.Array, low: int, high: int) -> jax.Array:
  """[0, 1) to whole numbers from low to high, both included."""
  return low + jnp.floor(uniform * (high - low + 1)).astype(jnp.int32)


_CHANGES = {"color": _color, "translation": _translation, "cutout": _cutout, "flip": _flip}
KINDS = tuple(_CHANGES)
# Those that a share applies to. A mirrored face is a face like any other, no harder to judge.
WAITING = tuple(kind for kind in KINDS if kind != "flip")
