import shutil
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from dcgan_jax.checkup import extras
from dcgan_jax.checkup.finding import State
from dcgan_jax.checkup.requirements import Demands

FACES = next(extra for extra in extras.EXTRAS if extra.name == "faces")
OPENCV = "opencv-python-headless"


@pytest.fixture
def there(monkeypatch):
  """Has these packages be installed and no others, modules be found or not, and no program."""

  def there(versions, modules=()):
    monkeypatch.setattr(extras, "installed", versions.get)
    find = lambda name: name if name in modules else None
    monkeypatch.setattr(extras.importlib.util, "find_spec", find)
    return {finding.what: finding for finding in extras.findings(None)}

  monkeypatch.setattr(shutil, "which", lambda name: None)
  asked = Demands("", [], {"faces": [Requirement(f"{OPENCV}>=4.12,<5")]})
  monkeypatch.setattr(extras, "demands", lambda: asked)
  return there


def test_what_is_not_there_is_told_with_its_purpose_and_the_command(there):
  for extra in extras.EXTRAS:
    line = there({})[extra.name]
    assert (line.state, line.fix) == (State.ABSENT, f'pip install ".[{extra.name}]"')
    assert line.detail.startswith(extra.purpose)


def test_what_is_there_is_told_with_its_version(there):
  line = there({OPENCV: "4.12.0"})["faces"]
  assert (line.state, line.detail) == (State.GOOD, f"{FACES.purpose}: {OPENCV} 4.12.0")


def test_an_extra_that_is_there_in_part_is_not_there(there):
  line = there({"onnx": "1.20", "safetensors": "0.7"})["export"]
  assert line.state is State.ABSENT
  assert line.detail.endswith("; onnxruntime not installed")


def test_a_version_that_does_not_fit_is_wrong(there):
  line = there({OPENCV: "5.0"})["faces"]
  assert (line.state, line.vital) == (State.WRONG, False)
  assert line.detail.endswith(f"{OPENCV} 5.0 is there, <5,>=4.12 is needed")


def test_a_module_that_another_package_has_brought_will_do(there):
  assert there({}, modules=["cv2"])["faces"].state is State.GOOD


@pytest.mark.parametrize(("platform", "command"), [("linux", "apt"), ("darwin", "brew")])
def test_programs_are_told_with_the_systems_command(there, monkeypatch, platform, command):
  monkeypatch.setattr(sys, "platform", platform)
  lines = there({})
  for name in ("npm", "Chromium"):
    assert lines[name].state is State.ABSENT
    assert lines[name].fix.startswith(f"{command} install ")


def test_a_program_that_is_there_is_told_with_its_path(there, monkeypatch):
  monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
  assert there({})["npm"].detail.endswith(": /usr/bin/npm")


def test_the_extras_are_those_of_the_package(repository):
  table = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
  theirs = {
    name: [Requirement(text) for text in texts]
    for name, texts in table["optional-dependencies"].items()
    if name not in ("dev", "peers")  # who develops it has them
  }
  assert {extra.name for extra in extras.EXTRAS} == set(theirs)
  for extra in extras.EXTRAS:
    if extra.name not in ("tpu", "cuda"):  # extras of jax, whose parts jax names
      named = [requirement.name for requirement in theirs[extra.name]]
      assert [part.distribution for part in extra.parts] == named
