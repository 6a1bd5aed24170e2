"""Are the samples copies of the training set? Their distance to it against that of real images.

The idea is Meehan, Chaudhuri & Dasgupta 2020, "A Non-Parametric Test to Detect Data-Copying in
Generative Models": samples that lie closer to the training set than fresh real images do are
copies. Theirs is a rank test within cells of the space; ours is the simpler ratio of medians, and
two shares, over the whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcgan_jax.figures import grid
from dcgan_jax.metrics.nearest import nearest

# Which of the held-out images count as suspiciously close to the training set.
_CLOSEST = 0.01


@dataclass(frozen=True)
class Memorization:
  """How close samples come to the training set.

  Attributes:
    ratio: sample_distance / held_out_distance; near 0 for copies, 1 for fresh photographs. None
      where held_out_distance is 0: at least half of the held-out images occur in the training set
      themselves, so there is nothing to compare with.
    share_closer: share of the samples no farther from the training set than the median held-out
      image.
    share_copies: share of the samples no farther than the closest 1 % of the held-out images.
    neutral_closer: share_closer of the held-out images themselves: 0.5, or more with ties.
    neutral_copies: share_copies of the held-out images themselves: 0.01, or more with ties, as
      where over 1 % of them occur in the training set too (FER-2013).
    sample_distance: median distance from a sample to its nearest training image.
    held_out_distance: the same of the held-out images.
    pairs: int64 [n, 2], each sample and its nearest training image, closest first.
  """

  ratio: float | None
  share_closer: float
  share_copies: float
  neutral_closer: float
  neutral_copies: float
  sample_distance: float
  held_out_distance: float
  pairs: np.ndarray


def held_out_distances(held_out: np.ndarray, train: np.ndarray) -> np.ndarray:
  """float64 [m], from each of [m, d] held-out vectors (a test split) to its nearest of [n, d].

  Raises:
    ValueError: as for `nearest`.
  """
  return nearest(held_out, train).distances


def leave_group_out_distances(
  train: np.ndarray, groups: Sequence[str] | np.ndarray | None = None
) -> np.ndarray:
  """What stands for held-out distances without a test split: each image against other people's.

  Args:
    train: [n, d] vectors.
    groups: n subjects; '' is an unknown one, and is left out alone. None: all are unknown, which
      is leave-one-out. Frames of one video in it then look like copies of each other.

  Returns:
    float64 [n], the distance of each vector to the nearest one of another group.

  Raises:
    ValueError: all vectors are of one group, or as for `nearest`.
  """
  numbers = _group_numbers([""] * len(train) if groups is None else groups)
  return nearest(train, train, query_groups=numbers, key_groups=numbers).distances


def memorization(samples: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> Memorization:
  """Compares the samples' distances to the training set with those of real images outside it.

  Args:
    samples: [n, d], features or flattened pixels.
    train: [m, d], the same of the training images.
    held_out: float [k], k >= 1, from `held_out_distances` or `leave_group_out_distances` on the
      same training vectors; they need computing only once.

  Raises:
    ValueError: no held-out distances, one that is negative or not finite, or as for `nearest`.
  """
  if held_out.ndim != 1 or not held_out.size:
    raise ValueError(f"held_out: expected distances [k], k >= 1, not shape {held_out.shape}")
  if not (np.isfinite(held_out) & (held_out >= 0)).all():
    raise ValueError("held_out: a distance is negative or not finite")
  found = nearest(samples, train)
  middle, close = np.median(held_out), np.quantile(held_out, _CLOSEST, method="inverted_cdf")
  order = np.argsort(found.distances, kind="stable")
  sample_distance = float(np.median(found.distances))
  return Memorization(
    ratio=sample_distance / float(middle) if middle > 0 else None,
    share_closer=_share_within(found.distances, middle),
    share_copies=_share_within(found.distances, close),
    neutral_closer=_share_within(held_out, middle),
    neutral_copies=_share_within(held_out, close),
    sample_distance=sample_distance,
    held_out_distance=float(middle),
    pairs=np.stack([order, found.indices[order]], axis=1),
  )


def pairs_sheet(
  samples: np.ndarray, train: np.ndarray, pairs: np.ndarray, count: int = 32
) -> np.ndarray:
  """Lays the closest pairs side by side: each sample left of its nearest training image.

  Of several samples nearest to one training image the closest is shown first, and the others only
  where there are too few training images, so that one copy does not fill the sheet.

  Args:
    samples: uint8 [n, height, width, channels].
    train: uint8 [m, height, width, channels].
    pairs: int [k, 2], k >= 1, closest first, as in `Memorization.pairs`.
    count: how many pairs to show; >= 1.

  Returns:
    uint8 picture [rows * (height + 2) - 2, columns * (width + 2) - 2, channels], columns even.
  """
  _, first = np.unique(pairs[:, 1], return_index=True)
  repeats = np.setdiff1d(np.arange(len(pairs)), first)
  shown = pairs[np.concatenate([np.sort(first), repeats])[:count]]
  images = np.stack([samples[shown[:, 0]], train[shown[:, 1]]], axis=1)
  columns = 2 * math.ceil(math.sqrt(len(shown) / 2))
  return grid(images.reshape(-1, *samples.shape[1:]), columns)


def _share_within(distances: np.ndarray, limit: float) -> float:
  # Not farther, rather than closer: where duplicates put the limit at 0, a copy must count.
  return float(np.mean(distances <= limit))


def _group_numbers(groups: Sequence[str] | np.ndarray) -> np.ndarray:
  """int [n], equal where the groups are; every '' is a group of its own."""
  names = np.asarray(groups)
  _, numbers = np.unique(names, return_inverse=True)
  unknown = np.flatnonzero(names == "") if names.dtype.kind == "U" else np.array([], np.int64)
  numbers[unknown] = len(names) + unknown
  return numbers
