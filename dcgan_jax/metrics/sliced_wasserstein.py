"""Sliced Wasserstein distance between image sets, one number a scale (Karras et al. 2018, sec. 5).

Needs no network: patches of a Laplacian pyramid (Burt & Adelson 1983) are compared as they are.
"""

from dataclasses import dataclass

import numpy as np

from dcgan_jax.waiting import counted

# The paper takes 16,384 images, 128 patches of each and 512 directions. These numbers take 2,048
# images of 48×48 in about three seconds on one core; a score is comparable at equal counts only.
MAX_IMAGES = 2048
PATCHES_PER_IMAGE = 64
DIRECTIONS = 128
PATCH_SIDE = 7
MIN_SIDE = 16

_TAPS = np.array([1, 4, 6, 4, 1], np.float32) / 16  # Burt & Adelson's filter, a = 3/8
_BLOCK_BYTES = 2**25  # of float32 pixels, or projections, at a time

# Independent uses of one seed.
_SELECTION, _PLACES, _DIRECTIONS = range(3)


@dataclass(frozen=True)
class SlicedWasserstein:
  """The distance, in units of 0.001 as the paper prints it; 0 is best.

  Attributes:
    value: mean over the levels.
    levels: shorter side of the level in pixels → its distance, finest first.
    num_images: how many images of each set were compared.
  """

  value: float
  levels: dict[int, float]
  num_images: int


def sliced_wasserstein(real: np.ndarray, fake: np.ndarray, *, seed: int) -> SlicedWasserstein:
  """Compares the 7×7 patches of two image sets on every level of their Laplacian pyramids.

  Both sets are cut to the same number of images: the first min(n, m, 2048) of a permutation drawn
  from the seed. Sets of equal size share the permutation and the places of the patches, so a set
  has distance 0 from itself.

  As in the paper, each set's patches are normalised by that set's own mean and standard deviation,
  channel by channel: a brightness or contrast that differs between the sets as a whole is not
  seen (the Fréchet distance sees it). Where all patches of a set are one constant, they count as
  0, the mean: two such sets are at distance 0 on that level, and any other set is not.

  Args:
    real: uint8 [n, height, width, 1 or 3], n >= 2, sides >= 7.
    fake: uint8 [m, height, width, 1 or 3], m >= 2, of the same shape but for m.
    seed: >= 0; the result is a function of the images and of it. Swapping the sets changes nothing.

  Raises:
    ValueError: another dtype or shape, different image shapes, or fewer than two images.
  """
  _check("real", real)
  _check("fake", fake)
  if real.shape[1:] != fake.shape[1:]:
    raise ValueError(f"images differ in shape: real {real.shape[1:]}, fake {fake.shape[1:]}")
  count = min(len(real), len(fake), MAX_IMAGES)
  real_levels, fake_levels = (_descriptors(images, count, seed) for images in (real, fake))
  rng = np.random.default_rng((seed, _DIRECTIONS))
  levels = {}
  for side in counted(real_levels, "sliced Wasserstein distance", " levels"):
    directions = _unit_directions(rng, real_levels[side].shape[1])
    levels[side] = 1000 * _sliced_distance(real_levels[side], fake_levels[side], directions)
  return SlicedWasserstein(float(np.mean(list(levels.values()))), levels, count)


def laplacian_pyramid(images: np.ndarray) -> list[np.ndarray]:
  """Splits images into bands of detail, halving while the shorter side stays >= 16.

  Args:
    images: [n, height, width, channels], any real dtype, sides >= 3.

  Returns:
    float32 arrays, finest first: what each halving loses, and last the Gaussian level. A side of
    s pixels is halved to ceil(s / 2). Expanding and adding from the last restores the images.
  """
  current = images.astype(np.float32)
  levels = []
  while (min(current.shape[1:3]) + 1) // 2 >= MIN_SIDE:
    coarse = _blur(current)[:, ::2, ::2]
    levels.append(current - _expand(coarse, current.shape))
    current = coarse
  return [*levels, current]


def wasserstein_1d(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """Wasserstein-1 distances between samples on a line: the mean gap once both are sorted.

  Args:
    a: float [..., n], n values a line.
    b: float [..., n], likewise.

  Returns:
    float64 [...].
  """
  gaps = np.abs(np.sort(a, axis=-1) - np.sort(b, axis=-1))
  return np.asarray(gaps.mean(axis=-1, dtype=np.float64))


def _check(name: str, images: np.ndarray) -> None:
  if images.dtype != np.uint8:
    raise ValueError(f"{name}: expected uint8 images, not {images.dtype}")
  if images.ndim != 4 or images.shape[-1] not in (1, 3):
    raise ValueError(f"{name}: expected [n, height, width, 1 or 3], not {images.shape}")
  if len(images) < 2:
    raise ValueError(f"{name}: expected at least 2 images, not {len(images)}")
  if min(images.shape[1:3]) < PATCH_SIDE:
    raise ValueError(
      f"{name}: images of {images.shape[1:3]} hold no {PATCH_SIDE}×{PATCH_SIDE} patch"
    )


def _blur(images: np.ndarray) -> np.ndarray:
  """Filters [n, height, width, channels] along both sides, mirrored about the edge pixels."""
  for axis in (1, 2):
    length = images.shape[axis]
    padded = np.pad(images, [(2, 2) if i == axis else (0, 0) for i in range(4)], mode="reflect")
    before = (slice(None),) * axis
    images = sum(
      tap * padded[(*before, slice(shift, shift + length))] for shift, tap in enumerate(_TAPS)
    )
  return images


def _expand(coarse: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
  """Doubles the sides back to `shape`: zeros between the pixels, then the filter."""
  spread = np.zeros(shape, np.float32)
  spread[:, ::2, ::2] = coarse
  return 4 * _blur(spread)  # three of four pixels were zeros


def _descriptors(images: np.ndarray, count: int, seed: int) -> dict[int, np.ndarray]:
  """Normalised patches, float32 [count * PATCHES_PER_IMAGE, channels * 49] for each level's side.

  They take 12.5 KB an image, level and channel; pyramids exist for a block of images at a time.
  """
  chosen = np.random.default_rng((seed, _SELECTION)).permutation(len(images))[:count]
  block = max(1, _BLOCK_BYTES // (4 * int(np.prod(images.shape[1:]))))
  rngs: dict[int, np.random.Generator] = {}
  parts: dict[int, list[np.ndarray]] = {}
  for start in counted(range(0, count, block), "taking patches", " blocks"):
    for level in laplacian_pyramid(images[chosen[start : start + block]]):
      side = min(level.shape[1:3])
      rng = rngs.setdefault(side, np.random.default_rng((seed, _PLACES, side)))
      parts.setdefault(side, []).append(_random_patches(level, rng))
  return {side: _normalised(np.concatenate(parts.pop(side))) for side in list(parts)}


def _random_patches(level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
  """float32 [n * PATCHES_PER_IMAGE, channels, 49] at uniformly drawn places."""
  windows = np.lib.stride_tricks.sliding_window_view(level, (PATCH_SIDE, PATCH_SIDE), axis=(1, 2))
  n, rows, columns, channels = windows.shape[:4]
  # Image by image, so that the places do not depend on how many are in a block.
  places = rng.integers([rows, columns], size=(n, PATCHES_PER_IMAGE, 2))
  patches = windows[np.arange(n)[:, None], places[..., 0], places[..., 1]]
  return patches.reshape(-1, channels, PATCH_SIDE**2)


def _normalised(patches: np.ndarray) -> np.ndarray:
  """Patches [n, channels, 49] to mean 0 and deviation 1 a channel, in place; then flattened."""
  patches -= patches.mean(axis=(0, 2), keepdims=True, dtype=np.float64).astype(np.float32)
  deviation = np.sqrt(np.square(patches).mean(axis=(0, 2), keepdims=True, dtype=np.float64))
  deviation[deviation == 0] = 1  # a constant channel: all its patches stay 0
  patches /= deviation.astype(np.float32)
  return patches.reshape(len(patches), -1)


def _unit_directions(rng: np.random.Generator, size: int) -> np.ndarray:
  """float32 [DIRECTIONS, size], uniform on the sphere."""
  directions = rng.normal(size=(DIRECTIONS, size))
  return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


def _sliced_distance(a: np.ndarray, b: np.ndarray, directions: np.ndarray) -> float:
  """Mean over the directions of the distance between the projections of two sets [n, size]."""
  block = max(1, _BLOCK_BYTES // (4 * len(a)))
  blocks = (directions[start : start + block] for start in range(0, len(directions), block))
  return float(np.concatenate([wasserstein_1d(part @ a.T, part @ b.T) for part in blocks]).mean())
