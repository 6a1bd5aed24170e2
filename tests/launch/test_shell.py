"""All shell scripts, as a linter and bash read them."""

import pathlib
import shutil
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
SCRIPTS = [".ci/run", *(f"launch/{p.name}" for p in sorted((REPOSITORY / "launch").glob("*.sh")))]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_parses(script):
  subprocess.run(["bash", "-n", REPOSITORY / script], check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing(script):
  done = subprocess.run(
    ["shellcheck", "--external-sources", script],
    cwd=REPOSITORY,
    check=False,
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stdout
