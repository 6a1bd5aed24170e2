"""What several test files share: a small data set, config and run, the repository."""

import atexit
import os
import pathlib
import shutil
import tempfile

import pytest

# Programs are compiled once a session, for the test processes and the commands they start. It must
# be set before jax is imported anywhere.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
  os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="dcgan_jax_compiled_")
  atexit.register(shutil.rmtree, os.environ["JAX_COMPILATION_CACHE_DIR"], ignore_errors=True)
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Little networks compile longer than they run: without optimisations all tests take two thirds of
# the time. Those that take the fixture as_users_compile start commands with all of them.
os.environ.setdefault(
  "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

from ml_collections import ConfigDict
from small import small_config

from dcgan_jax.startup import prepare_process

prepare_process()

REPOSITORY = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="session")
def repository() -> pathlib.Path:
  """The checkout, for tests of what lies beside the package."""
  return REPOSITORY


@pytest.fixture(scope="session")
def configs() -> pathlib.Path:
  """The folder of experiments."""
  return REPOSITORY / "configs"


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
  """A data directory with 'synthetic' in it: 90 training and 10 test faces."""
  from dcgan_jax import prepare

  directory = tmp_path_factory.mktemp("data")
  assert prepare.main(["synthetic", "--num=100", f"--data-dir={directory}"]) == 0
  return directory


@pytest.fixture
def config(data_dir: pathlib.Path) -> ConfigDict:
  """A small config of the test's own."""
  return small_config(data_dir)


@pytest.fixture(scope="session")
def finished(
  data_dir: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ConfigDict, pathlib.Path]:
  """An uninterrupted run of small_config's 12 steps: its config and its workdir."""
  from dcgan_jax.train import train

  config = small_config(data_dir)
  workdir = tmp_path_factory.mktemp("finished")
  assert train(config, workdir) == 0
  return config, workdir


@pytest.fixture
def as_users_compile(monkeypatch):
  """Commands that a test starts compile with all optimisations."""
  monkeypatch.delenv("XLA_FLAGS")


@pytest.fixture
def no_deletions_to_wait_for(monkeypatch):
  """Who meets a damaged checkpoint looks again, should its trainer be deleting it: none is here."""
  monkeypatch.setattr("dcgan_jax.checkpoints._DELETION_SECONDS", 0.0)


@pytest.fixture
def own_caches(tmp_path, monkeypatch):
  """Caches of the test's own: whoever runs the tests may have weights in theirs."""
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", str(tmp_path / "references"))
  monkeypatch.delenv("DCGAN_JAX_WEIGHTS", raising=False)


@pytest.fixture
def in_an_empty_folder(tmp_path, monkeypatch):
  """Works in tmp_path: what lies where the tests were started is no part of them."""
  monkeypatch.chdir(tmp_path)
  return tmp_path
