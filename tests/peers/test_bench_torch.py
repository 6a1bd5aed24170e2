import os
import re
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="extra 'peers' is not installed")


@pytest.mark.slow
def test_the_benchmark_takes_turns_and_prints_the_ratio(repository):
  # From the checkout, as the README says, where the other tests are kept to the wheel.
  environment = {name: v for name, v in os.environ.items() if name != "PYTHONSAFEPATH"}
  command = [sys.executable, "-m", "tests.peers.bench_torch", "--rounds=2", "--steps=1"]
  result = subprocess.run(
    command, cwd=repository, check=True, capture_output=True, text=True, env=environment
  )
  rounds = re.findall(r"ours +([\d.]+) .* PyTorch +([\d.]+) .* ratio ([\d.]+)", result.stdout)
  assert len(rounds) == 2
  for ours, theirs, ratio in rounds:
    assert float(ratio) == pytest.approx(
      float(ours) / float(theirs), abs=0.01 + 0.02 * float(ratio)
    )
  assert "median ratio" in result.stdout
