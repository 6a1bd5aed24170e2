"""The lock files."""

import re
import tomllib
from unittest import mock

import pytest

LOCKS = [
  "requirements.txt",
  "requirements-tpu.txt",
  "requirements-cuda.txt",
  "requirements-dev.txt",
]
PEERS = "requirements-peers.txt"


def pins(path):
  """{name: version} of a lock file's lines."""
  return dict(
    re.findall(r"^([a-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([^\s;\\]+)", path.read_text(), re.M)
  )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_exact_versions_with_hashes_and_no_addresses(repository, lock):
  path = repository / "launch" / lock
  text = path.read_text()
  assert "://" not in text
  requirements = [line for line in text.splitlines() if line and not line.startswith(" ")]
  assert len(requirements) == len(pins(path))
  for block in re.split(r"\n(?=\S)", text.strip()):
    assert "--hash=sha256:" in block, block


def test_the_locks_hold_every_dependency_and_agree(repository):
  project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]

  def names(requirements):
    return {re.match(r"[\w-]+", requirement)[0].lower() for requirement in requirements}

  base, tpu, cuda, dev = (pins(repository / "launch" / lock) for lock in LOCKS)
  assert names(project["dependencies"]) <= base.keys()
  assert names(project["optional-dependencies"]["dev"]) <= dev.keys()
  for larger in (tpu, cuda, dev):
    assert base.items() <= larger.items()
  assert tpu.keys() - base.keys() == {"libtpu"}
  assert {"jax-cuda12-plugin", "nvidia-cudnn-cu12"} <= cuda.keys()


def test_the_peers_have_exact_versions_that_fit_the_lock_and_no_addresses(repository):
  project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
  path = repository / "launch" / PEERS
  lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
  peers, dev = pins(path), pins(repository / "launch" / LOCKS[-1])
  assert len(peers) == len(lines)
  assert "://" not in path.read_text()
  shared = peers.keys() & dev.keys()
  assert {name: peers[name] for name in shared} == {name: dev[name] for name in shared}
  for requirement in project["optional-dependencies"]["peers"]:
    name, _, exact = requirement.partition("==")
    assert peers[re.match(r"[\w-]+", name)[0]] == (exact or mock.ANY)
