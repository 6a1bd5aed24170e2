"""A run to score, in caches of the test's own."""

import shutil

import pytest
from compared import compare
from fake_extractor import FakeExtractor
from untrained_run import write_checkpoints

from dcgan_jax.evaluation import command
from dcgan_jax.metrics.inception import FEATURES


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data_dir):
  """A run's checkpoints at steps 4, 8 and 12."""
  workdir = tmp_path_factory.mktemp("trained")
  write_checkpoints(workdir, [4, 8, 12], data_dir)
  return workdir


@pytest.fixture
def run(trained, tmp_path):
  """A copy of it, to be scored."""
  return shutil.copytree(trained, tmp_path / "run")


@pytest.fixture
def weights(monkeypatch):
  """As if there were weights; features are cheap projections instead."""
  monkeypatch.setattr(command, "_extractor", lambda options: FakeExtractor(FEATURES, "f" * 64))


@pytest.fixture
def comparison(tmp_path):
  """With a training and a test set, features and a classifier, none of them real."""
  return compare(tmp_path)
