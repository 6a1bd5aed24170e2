"""Kernel distance between two feature sets (KID: Bińkowski et al. 2018)."""

from typing import NamedTuple

import numpy as np

from dcgan_jax.metrics.frechet import check_features, check_same_width
from dcgan_jax.waiting import counted

DEFAULT_SUBSET_SIZE = 1000


class KernelDistance(NamedTuple):
  """The mean of squared maximum mean discrepancies over random subsets.

  Attributes:
    value: the distance; unbiased, so near 0 it is as often below as above.
    standard_error: of the value.
    subset_size: rows of each set in a subset.
    subsets: the number of subsets.
  """

  value: float
  standard_error: float
  subset_size: int
  subsets: int


def kernel_distance(
  a: np.ndarray,
  b: np.ndarray,
  *,
  rng: np.random.Generator | np.random.RandomState,
  subset_size: int | None = None,
  subsets: int = 100,
) -> KernelDistance:
  """Squared maximum mean discrepancy under the kernel (x·y/d + 1)³, averaged over subsets.

  Each subset takes rows of a, then of b, without replacement, and gives the unbiased estimate
  of Bińkowski et al. 2018; the kernel is computed in float64. RandomState(2020) draws the
  subsets of torch-fidelity.

  The standard error is the standard deviation over subsets over √(min(n, m) / subset_size), the
  number of subsets that share no row. Overlapping subsets see the same images again: dividing by
  √subsets instead would promise any precision for enough draws. Subsets near the whole set hardly
  differ, so there the error is too small: by about √2 at the default of a set below 2,000 rows.

  Args:
    a: float [n, d].
    b: float [m, d].
    rng: draws the subsets.
    subset_size: rows of each set in a subset, at least 2; default 1,000, and at most half of the
      smaller set.
    subsets: the number of subsets, at least 2.

  Raises:
    ValueError: different d, a subset size out of range, too few subsets, or a non-finite feature
      (names the first row).
  """
  a = check_features(a, name="the first set")
  b = check_features(b, name="the second set")
  check_same_width(a, b)
  smaller = min(len(a), len(b))
  if subset_size is None:
    subset_size = min(DEFAULT_SUBSET_SIZE, smaller // 2)
  if not 2 <= subset_size <= smaller:
    raise ValueError(
      f"a subset of {subset_size:,} rows is out of range: at least 2, at most the smaller set's "
      f"{smaller:,}"
    )
  if subsets < 2:
    raise ValueError(f"an error needs at least 2 subsets; subsets is {subsets}")
  estimates = []
  for _ in counted(range(subsets), "KID", " subsets"):
    x = a[rng.choice(len(a), subset_size, replace=False)]
    y = b[rng.choice(len(b), subset_size, replace=False)]
    estimates.append(_discrepancy(x.astype(np.float64), y.astype(np.float64)))
  error = np.std(estimates, ddof=1) / np.sqrt(smaller / subset_size)
  return KernelDistance(float(np.mean(estimates)), float(error), subset_size, subsets)


def _discrepancy(x: np.ndarray, y: np.ndarray) -> float:
  """Unbiased squared discrepancy of two sets of equal size, float64 [size, d] each."""
  size = len(x)
  # A row against itself is no draw of two: the diagonals within a set stay out.
  within = sum(kernel.sum() - np.trace(kernel) for kernel in (_kernel(x, x), _kernel(y, y)))
  return within / (size * (size - 1)) - 2 * _kernel(x, y).mean()


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
  base = x @ y.T / x.shape[1] + 1
  return base * base * base  # many times faster than base**3
