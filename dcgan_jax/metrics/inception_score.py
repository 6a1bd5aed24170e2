"""Inception Score: predictions sure one by one and varied together (Salimans et al. 2016)."""

import itertools
from typing import NamedTuple

import numpy as np

from dcgan_jax.metrics.frechet import check_features


class InceptionScore(NamedTuple):
  """Mean and standard deviation over the splits.

  Attributes:
    mean: between 1 and the number of classes.
    std: over the splits (ddof 0, as is usual); it tells of chance only, not of bias.
    splits: the number of splits.
  """

  mean: float
  std: float
  splits: int


def inception_score(
  logits: np.ndarray,
  *,
  rng: np.random.Generator | np.random.RandomState,
  splits: int = 10,
) -> InceptionScore:
  """exp of the mean KL divergence of p(y|x) from p(y) (Salimans et al. 2016, Sec. 4), by split.

  Rows are shuffled first, since samples often come sorted. RandomState(2020) shuffles as
  torch-fidelity does.

  Args:
    logits: float [n, classes], n >= splits; by custom Inception's without the bias
      (torch-fidelity's 'logits_unbiased').
    rng: shuffles the rows.
    splits: the number of parts, each scored alone.

  Raises:
    ValueError: fewer rows than splits, splits below 1, or a non-finite logit (names the first row).
  """
  if splits < 1:
    raise ValueError(f"splits must be at least 1; it is {splits}")
  logits = check_features(logits, minimum=splits, name="logits")
  count = len(logits)
  log_p = _log_softmax(logits[rng.permutation(count)].astype(np.float64))
  bounds = [i * count // splits for i in range(splits + 1)]
  scores = [_score(log_p[i:j]) for i, j in itertools.pairwise(bounds)]
  return InceptionScore(float(np.mean(scores)), float(np.std(scores)), splits)


def _score(log_p: np.ndarray) -> float:
  # Summed under the logarithm: a class too rare for float64 would else give 0 · ∞.
  log_marginal = _log_sum_exp(log_p, axis=0) - np.log(len(log_p))
  divergences = np.sum(np.exp(log_p) * (log_p - log_marginal), axis=1)
  return float(np.exp(divergences.mean()))


def _log_softmax(logits: np.ndarray) -> np.ndarray:
  return logits - _log_sum_exp(logits, axis=1)


def _log_sum_exp(x: np.ndarray, axis: int) -> np.ndarray:
  """log Σ exp along an axis, which stays with length 1."""
  top = x.max(axis=axis, keepdims=True)
  return top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True))
