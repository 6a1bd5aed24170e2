"""The metrics on features against torch-fidelity's own functions, on the same features."""

import importlib

import numpy as np
import pytest

from .torch_only import require_torch_fidelity

require_torch_fidelity()

import torch

from dcgan_jax.metrics.frechet import frechet_distance
from dcgan_jax.metrics.inception_score import inception_score
from dcgan_jax.metrics.kernel import kernel_distance
from dcgan_jax.metrics.prdc import prdc

SEED = 2020  # torch-fidelity's default


def theirs(metric):
  return importlib.import_module(f"torch_fidelity.metric_{metric}")


def features(seed, count, scale=1.0):
  """Nonnegative, skewed and correlated, as Inception's pooled features; float32 [count, 64]."""
  mixing = np.random.default_rng(0).normal(size=(16, 64)) / 4
  rng = np.random.default_rng(seed)
  hidden = scale * rng.normal(size=(count, 16)) @ mixing + 0.2 * rng.normal(size=(count, 64))
  return (0.4 * np.logaddexp(0, 2 * hidden)).astype(np.float32)


@pytest.fixture(scope="module")
def real():
  return features(1, 900)


@pytest.fixture(scope="module")
def fake():
  return features(2, 700, scale=0.8) + np.float32(0.05)


def test_the_frechet_distance_agrees(real, fake):
  fid = theirs("fid")
  statistics = [fid.fid_features_to_statistics(torch.tensor(x)) for x in (fake, real)]
  expected = fid.fid_statistics_to_metric(*statistics, verbose=False)[fid.KEY_METRIC_FID]
  # They average float32 features in float32, which is 7 digits.
  assert frechet_distance(fake, real) == pytest.approx(expected, rel=1e-5)


def test_the_frechet_distance_agrees_for_fewer_samples_than_features(real, fake):
  fid = theirs("fid")
  statistics = [
    fid.fid_features_to_statistics(torch.tensor(x[:40].astype(np.float64))) for x in (fake, real)
  ]
  expected = fid.fid_statistics_to_metric(*statistics, verbose=False)[fid.KEY_METRIC_FID]
  # They take roots of eigenvalues that are 0 but for rounding, 1e-16: each adds up to 1e-8.
  assert frechet_distance(fake[:40], real[:40]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-3)])
def test_the_kernel_distance_agrees_subset_by_subset(real, fake, dtype, tolerance):
  # float32 features they multiply in float32, and the distance is a difference of larger sums.
  kid = theirs("kid")
  expected = kid.kid_features_to_metric(
    torch.tensor(fake.astype(dtype)),
    torch.tensor(real.astype(dtype)),
    kid_subsets=20,
    kid_subset_size=200,
    rng_seed=SEED,
    verbose=False,
  )
  result = kernel_distance(fake, real, rng=np.random.RandomState(SEED), subset_size=200, subsets=20)
  assert result.value == pytest.approx(expected[kid.KEY_METRIC_KID_MEAN], rel=tolerance)
  # Their spread has ddof 0 and is of one subset; ours is of the mean, 700 rows holding 3.5 subsets.
  deviation = result.standard_error * np.sqrt(3.5) * np.sqrt(19 / 20)
  assert deviation == pytest.approx(expected[kid.KEY_METRIC_KID_STD], rel=tolerance)


def test_the_inception_score_agrees():
  isc = theirs("isc")
  # 1,003 does not divide by 10.
  logits = (3 * np.random.default_rng(3).normal(size=(1003, 50))).astype(np.float32)
  expected = isc.isc_features_to_metric(torch.tensor(logits), splits=10, rng_seed=SEED)
  result = inception_score(logits, rng=np.random.RandomState(SEED), splits=10)
  assert result.mean == pytest.approx(expected[isc.KEY_METRIC_ISC_MEAN], rel=1e-10)
  assert result.std == pytest.approx(expected[isc.KEY_METRIC_ISC_STD], rel=1e-8)


def test_precision_and_recall_agree(real, fake):
  prc = theirs("prc")
  expected = prc.prc_features_to_metric(
    torch.tensor(fake.astype(np.float64)),
    torch.tensor(real.astype(np.float64)),
    prc_neighborhood=3,
    prc_batch_size=10_000,
    verbose=False,
  )
  result = prdc(real, fake)
  # Counts over 700 and 900: equal. They must tell something, too.
  assert 0.2 < result.recall < result.precision < 1
  assert result.precision == pytest.approx(expected[prc.KEY_METRIC_PRECISION], rel=1e-6)
  assert result.recall == pytest.approx(expected[prc.KEY_METRIC_RECALL], rel=1e-6)
