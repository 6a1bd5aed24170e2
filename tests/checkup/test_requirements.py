import pytest
from packaging.requirements import Requirement

from dcgan_jax.checkup import requirements

PROJECT = """
[project]
name = "dcgan_jax"
requires-python = ">=3.11"
dependencies = ["jax>=0.10,<0.11", "elsewhere; sys_platform == 'nowhere'"]
[project.optional-dependencies]
faces = ["opencv-python-headless>=4.12,<5"]
"""
METADATA = """Metadata-Version: 2.4
Name: dcgan_jax
Version: 9.9
Requires-Python: >=3.12
Requires-Dist: jax>=0.12
Requires-Dist: elsewhere; sys_platform == 'nowhere'
Requires-Dist: kagglehub>=0.3; extra == 'download'
Provides-Extra: download
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
  """The folder that the package lies in; no checkout yet, and nothing is installed."""
  monkeypatch.setattr(requirements.dcgan_jax, "__file__", str(tmp_path / "dcgan_jax" / "x.py"))
  return tmp_path


@pytest.fixture
def installed(tmp_path_factory, monkeypatch):
  """Has another version of dcgan_jax be installed."""
  site = tmp_path_factory.mktemp("site")
  (site / "dcgan_jax-9.9.dist-info").mkdir()
  (site / "dcgan_jax-9.9.dist-info" / "METADATA").write_text(METADATA)
  monkeypatch.syspath_prepend(site)


def told(demands):
  extras = {name: list(map(str, those)) for name, those in demands.extras.items()}
  return demands.python, list(map(str, demands.packages)), extras


def test_a_checkout_tells_what_it_needs_on_this_machine(folder, installed):
  (folder / "pyproject.toml").write_text(PROJECT)
  extras = {"faces": ["opencv-python-headless<5,>=4.12"]}
  assert told(requirements.demands()) == (">=3.11", ["jax<0.11,>=0.10"], extras)


def test_without_one_the_installed_package_does(folder, installed):
  extras = {"download": ['kagglehub>=0.3; extra == "download"']}
  assert told(requirements.demands()) == (">=3.12", ["jax>=0.12"], extras)


def test_another_projects_file_is_not_asked(folder, installed):
  (folder / "pyproject.toml").write_text('[project]\nname = "other"\n')
  assert requirements.demands().python == ">=3.12"


def test_where_nothing_tells_nothing_is_known(folder, monkeypatch):
  monkeypatch.setattr(requirements, "NAME", "a-package-that-nobody-has-installed")
  assert requirements.demands() is None


@pytest.mark.parametrize(
  ("asked", "version", "fits"),
  [
    ("jax>=0.10.2,<0.11", "0.10.2", True),
    ("jax>=0.10.2,<0.11", "0.11.0", False),
    ("jax>=0.10.2,<0.11", "0.10.3rc1", True),
    ("torchvision", "0.1", True),
  ],
)
def test_versions_are_compared_as_pip_does(asked, version, fits):
  assert requirements.fits(Requirement(asked), version) is fits


def test_a_package_that_is_not_there_has_no_version():
  assert requirements.installed("a-package-that-nobody-has-installed") is None
  assert requirements.installed("pytest") == pytest.__version__
