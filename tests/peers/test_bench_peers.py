import os
import re
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="extra 'peers' is not installed")

from .bench_peers import RIVALS, USUAL, pairs


def run(repository, *arguments):
  # From the checkout, as the README says, where the other tests are kept to the wheel.
  environment = {name: v for name, v in os.environ.items() if name != "PYTHONSAFEPATH"}
  command = [sys.executable, "-m", "tests.peers.bench_peers", *arguments]
  return subprocess.run(
    command, cwd=repository, capture_output=True, text=True, env=environment, check=False
  )


@pytest.mark.slow
def test_the_benchmark_takes_turns_and_prints_the_ratios(repository):
  result = run(repository, "--rounds=1", "--steps=1", "--batch=4")
  assert result.returncode == 0, result.stderr
  names = [RIVALS[name] for name in USUAL.split(",")]
  speeds = dict(re.findall(r"[:,] ([A-Za-z0-9 ]+?) ([\d.]+)", result.stdout.splitlines()[0]))
  assert list(speeds) == names
  ratios = re.findall(r"(.+) against (.+): median ratio ([\d.]+)", result.stdout)
  assert len(ratios) == 4  # PyTorch and Keras, in float32 and in bfloat16
  for ours, theirs, ratio in ratios:
    expected = float(speeds[ours]) / float(speeds[theirs])
    assert float(ratio) == pytest.approx(expected, abs=0.01 + 0.02 * expected)


def test_like_is_compared_with_like():
  assert pairs(["ours", "ours-bf16", "torch", "torch-compiled", "keras-bf16"]) == [
    ("ours", "torch"), ("ours", "torch-compiled"), ("ours-bf16", "keras-bf16"),
  ]  # fmt: skip


def test_an_unknown_rival_is_told(repository):
  result = run(repository, "--rivals=ours,caffe")
  assert result.returncode == 2
  assert "--rivals: caffe not among ours, ours-bf16, torch" in result.stderr
