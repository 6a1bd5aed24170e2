"""Precision, recall, density and coverage: fidelity and variety told apart by neighbourhoods."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dcgan_jax.metrics.frechet import check_features, check_same_width
from dcgan_jax.waiting import counted

# Rows of a distance matrix at a time: 40 MB against 10,000 columns.
BLOCK_ROWS = 500
# A squared distance |x|² + |y|² − 2x·y is wrong by some 1e-15 of |x|² + |y|², by how much depends
# on where in the block it stands. Differences below this part of it count as none, so that ties
# are ties: copies of a training image, or the one image of a collapsed generator.
ROUNDING = 1e-12


class PRDC(NamedTuple):
  """Four measures of generated samples against real ones.

  Attributes:
    precision: part of the fakes within the real samples' neighbourhoods, 0 to 1.
    recall: part of the reals within the fakes' neighbourhoods, 0 to 1.
    density: mean number of real neighbourhoods around a fake, over k; 1 for a perfect generator,
      above 1 for one that keeps to where the reals are dense.
    coverage: part of the reals with a fake in their neighbourhood, 0 to 1.
  """

  precision: float
  recall: float
  density: float
  coverage: float


def prdc(
  real: np.ndarray,
  fake: np.ndarray,
  *,
  neighbours_precision: int = 3,
  neighbours_density: int = 5,
) -> PRDC:
  """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

  A sample's neighbourhood reaches to its k-th nearest neighbour in its own set, itself not
  counted. As in torch-fidelity the boundary belongs to it for precision and recall; as in the
  authors' package prdc it does not for density and coverage. Distances are computed in float64,
  in blocks of rows.

  Args:
    real: float [n, d], n above both numbers of neighbours.
    fake: float [m, d], m > neighbours_precision.
    neighbours_precision: k of precision and recall, at least 1.
    neighbours_density: k of density and coverage, at least 1.

  Raises:
    ValueError: too few rows or neighbours, different d, or a non-finite feature (names the first
      row).
  """
  if min(neighbours_precision, neighbours_density) < 1:
    raise ValueError("the number of neighbours must be at least 1")
  most = max(neighbours_precision, neighbours_density)
  real = check_features(real, minimum=most + 1, name="the real set")
  fake = check_features(fake, minimum=neighbours_precision + 1, name="the fake set")
  check_same_width(real, fake)
  # Distances stay; norms, and with them rounding, shrink.
  centre = real.mean(axis=0, dtype=np.float64)
  real, fake = real - centre, fake - centre

  reach, dense_reach = _squared_reach(real, [neighbours_precision, neighbours_density])
  (fake_reach,) = _squared_reach(fake, [neighbours_precision])
  precise, containing = 0, 0
  recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
  for rows, squared, rounding in _squared_distances(fake, real):
    inside = squared < dense_reach - rounding
    containing += int(np.count_nonzero(inside))
    covered |= inside.any(axis=0)
    squared -= rounding
    precise += int((squared <= reach).any(axis=1).sum())
    recalled |= (squared <= fake_reach[rows, None]).any(axis=0)
  return PRDC(
    precision=precise / len(fake),
    recall=float(recalled.mean()),
    density=containing / (neighbours_density * len(fake)),
    coverage=float(covered.mean()),
  )


def _squared_reach(points: np.ndarray, neighbours: list[int]) -> list[np.ndarray]:
  """Squared distance of each point to its k-th nearest other, float64 [n], for each k."""
  ranks = [k - 1 for k in neighbours]
  reach = np.empty((len(ranks), len(points)))
  for rows, squared, _ in _squared_distances(points, points):
    squared[np.arange(len(squared)), np.arange(rows.start, rows.stop)] = np.inf
    squared.partition(ranks, axis=1)
    reach[:, rows] = squared[:, ranks].T
  return list(reach)


def _squared_distances(
  x: np.ndarray, y: np.ndarray
) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
  """Yields (rows, squared, rounding) block by block.

  Args:
    x: float64 [n, d].
    y: float64 [m, d].

  Yields:
    A slice of rows of x, their squared distances to y, float64 [rows, m] of the receiver's own,
    and the difference below which two of them are equal, of the same shape.
  """
  y_norms = np.einsum("ij,ij->i", y, y)
  for start in counted(range(0, len(x), BLOCK_ROWS), "precision and recall", " blocks"):
    rows = slice(start, min(start + BLOCK_ROWS, len(x)))
    sums = np.einsum("ij,ij->i", x[rows], x[rows])[:, None] + y_norms
    squared = x[rows] @ y.T
    squared *= -2
    squared += sums
    np.maximum(squared, 0, out=squared)
    sums *= ROUNDING
    yield rows, squared, sums
