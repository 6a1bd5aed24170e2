import hashlib
import re

import numpy as np
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.evaluation import statistics_file
from dcgan_jax.evaluation.statistics_file import is_statistics_file, load_statistics
from dcgan_jax.metrics.frechet import fit_gaussian

WIDTH = 6
FEATURES = np.random.default_rng(0).normal(size=(40, WIDTH))
MEAN, COVARIANCE = FEATURES.mean(axis=0), np.cov(FEATURES.T)


@pytest.fixture
def _few_features(monkeypatch):
  monkeypatch.setattr(statistics_file, "FEATURES", WIDTH)


def save(path, save=np.savez_compressed, **arrays):
  save(path, **({"mu": MEAN, "sigma": COVARIANCE} | arrays))
  return path


@pytest.mark.usefixtures("_few_features")
@pytest.mark.parametrize("how", [np.savez, np.savez_compressed])
def test_mean_and_covariance_come_back_with_the_file_s_hash(tmp_path, how):
  path = save(tmp_path / "stats.npz", how)
  gaussian, sha256 = load_statistics(path)
  np.testing.assert_array_equal(gaussian.mean, MEAN)
  np.testing.assert_allclose(gaussian.factor.T @ gaussian.factor, COVARIANCE, atol=1e-12)
  assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("_few_features")
def test_they_stand_for_the_features_they_were_taken_of(tmp_path):
  from dcgan_jax.metrics.frechet import frechet_between

  gaussian, _ = load_statistics(save(tmp_path / "stats.npz"))
  other = fit_gaussian(FEATURES + 1)
  # The same features moved by 1 in each of 6 coordinates.
  assert frechet_between(gaussian, other) == pytest.approx(6)


def test_what_pytorch_fid_writes_is_accepted(tmp_path):
  # As its save_fid_stats does: np.savez_compressed of mu and of sigma = np.cov(rowvar=False), which
  # has not full rank for fewer images than features.
  features = np.random.default_rng(0).normal(size=(20, 2048))
  path = tmp_path / "stats.npz"
  np.savez_compressed(path, mu=features.mean(axis=0), sigma=np.cov(features, rowvar=False))
  assert is_statistics_file(path)
  gaussian, _ = load_statistics(path)
  assert np.sum(gaussian.factor**2) == pytest.approx(features.var(axis=0, ddof=1).sum())


def test_only_an_npz_with_both_arrays_is_one(tmp_path):
  assert is_statistics_file(save(tmp_path / "stats.npz"))
  assert is_statistics_file(save(tmp_path / "more.npz", more=MEAN).rename(tmp_path / "MORE.NPZ"))
  np.savez(tmp_path / "images.npz", images=np.zeros((1, 4, 4, 1), np.uint8))
  np.savez(tmp_path / "mu.npz", mu=MEAN)
  (tmp_path / "text.npz").write_text("no zip")
  save(tmp_path / "stats.npz").rename(tmp_path / "stats.zip")
  (tmp_path / "folder.npz").mkdir()
  for name in ("images.npz", "mu.npz", "text.npz", "stats.zip", "folder.npz", "none.npz"):
    assert not is_statistics_file(tmp_path / name), name


def other_entry(array, value):
  changed = array.copy()
  changed.flat[1] = value
  return changed


@pytest.mark.usefixtures("_few_features")
@pytest.mark.parametrize(
  ("arrays", "words"),
  [
    ({"mu": MEAN[:-1]}, r"'mu' has shape \(5,\), Inception features \(6,\)"),
    ({"mu": MEAN[None]}, "'mu' has shape"),
    ({"mu": np.float64(3)}, "'mu' has shape"),
    ({"sigma": COVARIANCE[:, :-1]}, "the shapes are"),
    ({"sigma": COVARIANCE.ravel()}, "the shapes are"),
    ({"mu": other_entry(MEAN, np.nan)}, "not finite"),
    ({"sigma": other_entry(COVARIANCE, np.inf)}, "not finite"),
    ({"sigma": other_entry(COVARIANCE, 99.0)}, "not symmetric"),
    ({"sigma": -COVARIANCE}, "negative eigenvalue"),
    ({"mu": np.array(["a"] * WIDTH)}, "could not convert"),
    ({"mu": np.array([None] * WIDTH)}, "[Oo]bject arrays"),
  ],
)
def test_what_is_no_mean_and_covariance_is_refused(tmp_path, arrays, words):
  path = save(tmp_path / "stats.npz", **arrays)
  with pytest.raises(UserError, match=f"--reference={re.escape(str(path))}: .*{words}"):
    load_statistics(path)


def test_statistics_of_another_network_are_refused(tmp_path):
  with pytest.raises(UserError, match=r"'mu' has shape \(6,\), Inception features \(2048,\)"):
    load_statistics(save(tmp_path / "stats.npz"))


@pytest.mark.usefixtures("_few_features")
@pytest.mark.parametrize("how", [np.savez, np.savez_compressed])
def test_a_damaged_file_is_refused_by_name_wherever_the_damage_lies(tmp_path, how):
  path = save(tmp_path / "stats.npz", how)
  whole = path.read_bytes()
  damaged = tmp_path / "damaged.npz"
  refusals = []
  for start in range(0, len(whole), 16):
    garbled = bytes(byte ^ 255 for byte in whole[start : start + 8])
    damaged.write_bytes(whole[:start] + garbled + whole[start + 8 :])
    assert is_statistics_file(damaged) in (True, False)  # rather than an exception
    try:
      gaussian, _ = load_statistics(damaged)
    except UserError as error:
      refusals.append(str(error))
    else:
      # It hit what only describes the file: a date, or an attribute.
      np.testing.assert_array_equal(gaussian.mean, MEAN)
  assert len(refusals) > len(whole) / 16 / 2
  assert all("damaged.npz: no statistics of Inception" in message for message in refusals)


@pytest.mark.usefixtures("_few_features")
def test_a_truncated_file_is_refused(tmp_path):
  path = save(tmp_path / "stats.npz")
  whole = path.read_bytes()
  for length in (0, 10, len(whole) // 2, len(whole) - 1):
    path.write_bytes(whole[:length])
    with pytest.raises(UserError, match=r"stats\.npz: no statistics"):
      load_statistics(path)
