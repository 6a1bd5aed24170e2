"""FID at infinitely many samples, extrapolated from subsets (Chong & Forsyth 2020)."""

from typing import NamedTuple

import numpy as np

from dcgan_jax.metrics.frechet import (
  Gaussian,
  check_features,
  check_same_width,
  fit_gaussian,
  frechet_between,
)
from dcgan_jax.waiting import counted

# Below it the smallest subsets have far fewer images than features, where FID leaves the line.
MIN_IMAGES = 5000
# The smallest subset is this part of the set: enough leverage, and still on the line.
SMALLEST_PART = 4


class Extrapolation(NamedTuple):
  """A line through FID against 1/N.

  Attributes:
    value: the intercept, FID at N = ∞; rounding and chance can take it below 0.
    sizes: the subset sizes N, largest first.
    distances: FID of each subset, in the order of sizes.
    standard_error: of the intercept, from the scatter about the line.
  """

  value: float
  sizes: tuple[int, ...]
  distances: tuple[float, ...]
  standard_error: float


def frechet_infinity(
  features: np.ndarray, reference: Gaussian, *, rng: np.random.Generator, points: int = 5
) -> Extrapolation:
  """Estimates the Fréchet distance that infinitely many generated samples would have.

  FID falls with the number of samples, by about a constant over N (Chong & Forsyth 2020).
  Random subsets, without replacement within each, of sizes evenly spaced in 1/N from N/4 to N give
  that line; each costs a fit and a singular value decomposition.

  Only the bias of the generated sample is removed. The reference's stays: a reference of few
  images keeps its share, whatever the number of generated ones.

  Args:
    features: float [n, d] of generated samples, n >= 5,000.
    reference: the Gaussian to compare with, of the same d.
    rng: draws the subsets.
    points: the number of subset sizes, at least 3.

  Returns:
    The line. Its standard error knows only the scatter about it: the subsets are parts of one
    sample, whose own chance they share.

  Raises:
    ValueError: too few rows (the message fits a table cell) or points, different d, or a
      non-finite feature (names the first row).
  """
  features = np.asarray(features)
  if len(features) < MIN_IMAGES:
    raise ValueError(f"needs {MIN_IMAGES:,} images, has {len(features):,}")
  check_same_width(check_features(features), reference.mean)
  if points < 3:
    raise ValueError(f"a line with an error needs at least 3 points; points is {points}")
  sizes = subset_sizes(len(features), points)
  distances = []
  for size in counted(sizes, "FID∞", " subsets"):
    subset = features[rng.choice(len(features), size, replace=False)]
    distances.append(frechet_between(fit_gaussian(subset), reference))
  return extrapolate(sizes, distances)


def subset_sizes(count: int, points: int) -> list[int]:
  """Sizes from `count` down to a quarter of it, evenly spaced in 1/size."""
  inverses = np.linspace(1, SMALLEST_PART, points) / count
  return [round(1 / inverse) for inverse in inverses]


def extrapolate(sizes: list[int], distances: list[float]) -> Extrapolation:
  """Least-squares line of distances against 1/size, and the standard error of its intercept.

  Args:
    sizes: three sample sizes or more, not all equal.
    distances: the distance at each.
  """
  x, y = 1 / np.asarray(sizes, np.float64), np.asarray(distances, np.float64)
  spread = np.sum((x - x.mean()) ** 2)
  slope = np.sum((x - x.mean()) * (y - y.mean())) / spread
  value = y.mean() - slope * x.mean()
  variance = np.sum((y - value - slope * x) ** 2) / (len(x) - 2)
  error = np.sqrt(variance * (1 / len(x) + x.mean() ** 2 / spread))
  return Extrapolation(float(value), tuple(sizes), tuple(distances), float(error))
