"""The container file names what there is, and sees it through .dockerignore."""

import fnmatch
import re

import pytest


@pytest.fixture
def copied(repository):
  """What the file copies into the container, for either lock."""
  text = (repository / "launch" / "Dockerfile").read_text()
  lines = re.findall(r"^COPY (.*) \S+$", text, re.M)
  assert lines
  locks = ["requirements-cuda.txt", "requirements-tpu.txt"]
  assert f"ARG LOCK={locks[0]}" in text
  sources = [source for line in lines for source in line.split()]
  return {s.replace("${LOCK}", lock) for s in sources for lock in locks}


def test_what_is_copied_is_there_and_not_ignored(repository, copied):
  ignored, *kept = (repository / ".dockerignore").read_text().split()
  assert ignored == "*"
  for source in copied:
    assert (repository / source).exists(), source
    assert any(fnmatch.fnmatch(source, rule.removeprefix("!")) for rule in kept), source


def test_what_runs_is_there_under_the_lock_alone(copied):
  assert {"dcgan_jax", "configs"} <= copied
