"""Fréchet distance between Gaussians fitted to features (FID: Heusel et al. 2017, Eq. 6)."""

from typing import NamedTuple

import numpy as np

from dcgan_jax.waiting import counted, doing

# Rows that are float64 at a time: 64 MiB at 2,048 features, and the QR takes eight times that.
# Half as many would save 200 MB for a fifth more of its time.
BLOCK_ROWS = 4096
# A covariance computed in float32 is symmetric, and its eigenvalues positive, to about this much
# of its largest entry; beyond it the matrix is not a covariance.
COVARIANCE_ROUNDING = 1e-5


class Gaussian(NamedTuple):
  """A Gaussian in factored form.

  Attributes:
    mean: float64 [d].
    factor: float64 [r, d], of any r, with factorᵀ · factor the covariance (ddof 1).
  """

  mean: np.ndarray
  factor: np.ndarray


def check_features(features: np.ndarray, minimum: int = 1, name: str = "features") -> np.ndarray:
  """Returns features as an array after checking what every metric here asks of them.

  Args:
    features: real [n, d], d >= 1.
    minimum: the fewest rows allowed.
    name: what to call the array in messages.

  Raises:
    ValueError: not two-dimensional, fewer rows, or a non-finite value (names the first such row).
  """
  features = np.asarray(features)
  if features.ndim != 2 or features.shape[1] == 0:
    raise ValueError(f"{name} must be [n, d] with d >= 1; the shape is {list(features.shape)}")
  if len(features) < minimum:
    raise ValueError(f"{name} needs at least {minimum:,} rows; it has {len(features):,}")
  good = np.isfinite(features).all(axis=1)
  if not good.all():
    raise ValueError(f"{name} is not finite: the first such row is {int(np.argmin(good))}")
  return features


def check_same_width(a: np.ndarray, b: np.ndarray) -> None:
  """Raises ValueError unless the last axes of a and b, the features, are equally long."""
  if a.shape[-1] != b.shape[-1]:
    raise ValueError(f"the sets differ in features: {a.shape[-1]:,} and {b.shape[-1]:,}")


def fit_gaussian(features: np.ndarray) -> Gaussian:
  """Fits mean and covariance to features.

  The covariance itself is never formed: squaring would cost half of the digits. Its factor is the
  centred features over √(n−1), and for n > d the R of their QR decomposition, block by block.

  Args:
    features: float [n, d], n >= 2.

  Returns:
    The Gaussian; its factor is [min(n, d), d], the covariance has ddof 1.

  Raises:
    ValueError: fewer than two rows, or a non-finite feature (names the first row).
  """
  return _fit(check_features(features, minimum=2))


def gaussian_from_moments(mean: np.ndarray, covariance: np.ndarray) -> Gaussian:
  """Builds the Gaussian of a statistics file.

  Args:
    mean: float [d].
    covariance: float [d, d], ddof 1, symmetric and without negative eigenvalues but for rounding.

  Returns:
    The Gaussian, its factor [d, d].

  Raises:
    ValueError: another shape, a non-finite value, or a matrix that is no covariance.
  """
  mean, covariance = np.asarray(mean, np.float64), np.asarray(covariance, np.float64)
  if mean.ndim != 1 or mean.size == 0 or covariance.shape != (mean.size, mean.size):
    raise ValueError(
      "expected a mean [d] and a covariance [d, d]; "
      f"the shapes are {list(mean.shape)} and {list(covariance.shape)}"
    )
  if not np.isfinite(mean).all() or not np.isfinite(covariance).all():
    raise ValueError("the mean or the covariance is not finite")
  tolerance = COVARIANCE_ROUNDING * np.abs(covariance).max()
  if np.abs(covariance - covariance.T).max() > tolerance:
    raise ValueError("the covariance is not symmetric")
  with doing("factoring a covariance"):
    variances, axes = np.linalg.eigh((covariance + covariance.T) / 2)
  if variances[0] < -tolerance:
    raise ValueError(f"the covariance has a negative eigenvalue, {variances[0]:.3g}")
  factor = np.sqrt(np.maximum(variances, 0))[:, None] * axes.T
  return Gaussian(mean, factor)


def frechet_between(a: Gaussian, b: Gaussian) -> float:
  """Squared Fréchet distance of two Gaussians, |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr √(Σ₁Σ₂).

  With Σ₁ = AᵀA and Σ₂ = BᵀB the last trace is the nuclear norm of A·Bᵀ: its squared singular
  values are the eigenvalues of Σ₁Σ₂. So it holds for any number of samples, fewer than d too.

  Returns:
    The distance, in squared feature units. Its error is that of float64, about 1e-13 of
    tr Σ₁ + tr Σ₂, so equal Gaussians give 0 up to that. The nuclear norm is at most
    (tr Σ₁ + tr Σ₂) / 2, so only rounding can go below 0, and is clipped.

  Raises:
    ValueError: different d.
  """
  check_same_width(a.mean, b.mean)
  shift = np.sum((a.mean - b.mean) ** 2)
  traces = np.sum(a.factor**2) + np.sum(b.factor**2)
  with doing("comparing two Gaussians"):
    overlap = np.linalg.svd(a.factor @ b.factor.T, compute_uv=False).sum()
  return max(0.0, float(shift + traces - 2 * overlap))


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
  """Squared Fréchet distance between Gaussians fitted to two feature sets, as frechet_between.

  Args:
    a: float [n, d] features, n >= 2.
    b: float [m, d] features, m >= 2.

  Returns:
    The distance, in squared feature units, computed in float64 with ddof 1.

  Raises:
    ValueError: fewer than two rows, different d, or a non-finite feature (names the first row).
  """
  a = check_features(a, minimum=2, name="the first set")
  b = check_features(b, minimum=2, name="the second set")
  check_same_width(a, b)
  return frechet_between(_fit(a), _fit(b))


def _fit(features: np.ndarray) -> Gaussian:
  count, width = features.shape
  mean = features.mean(axis=0, dtype=np.float64)
  if count <= width:
    factor = features - mean
  else:
    factor = np.empty((0, width))
    for start in counted(range(0, count, BLOCK_ROWS), "fitting a Gaussian", " blocks"):
      rows = features[start : start + BLOCK_ROWS] - mean
      # The R of what was seen so far stands for those rows: RᵀR is their share of the sum.
      factor = np.linalg.qr(np.concatenate([factor, rows]), mode="r")
  factor /= np.sqrt(count - 1)
  return Gaussian(mean, factor)
