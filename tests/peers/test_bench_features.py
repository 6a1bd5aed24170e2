import os
import re
import subprocess
import sys

import pytest

from .torch_only import require_torch_fidelity

require_torch_fidelity()


@pytest.mark.slow
def test_the_benchmark_takes_turns_and_prints_the_ratio(repository):
  # From the checkout, where the other tests are kept to the wheel.
  environment = {name: v for name, v in os.environ.items() if name != "PYTHONSAFEPATH"}
  command = [sys.executable, "-m", "tests.peers.bench_features", "--rounds=2", "--images=2"]
  result = subprocess.run(
    command, cwd=repository, check=True, capture_output=True, text=True, env=environment
  )
  rounds = re.findall(
    r"ours +([\d.]+) features/s   torch-fidelity +([\d.]+) features/s   ratio ([\d.]+)\n",
    result.stdout,
  )
  assert len(rounds) == 2
  for ours, theirs, ratio in rounds:
    # Each is printed to one decimal, the ratio to two.
    low = (float(ours) - 0.06) / (float(theirs) + 0.06) - 0.006
    high = (float(ours) + 0.06) / (float(theirs) - 0.06) + 0.006
    assert low <= float(ratio) <= high
  assert re.search(r"^median ratio [\d.]+ \([\d.]+ to [\d.]+\)$", result.stdout, re.M)
