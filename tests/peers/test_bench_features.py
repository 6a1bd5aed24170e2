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
  rounds = re.findall(r"features/s: ours ([\d.]+), torch-fidelity ([\d.]+)\n", result.stdout)
  assert len(rounds) == 2
  # Each is printed to one decimal, the ratios to two.
  low = [(float(ours) - 0.06) / (float(theirs) + 0.06) - 0.006 for ours, theirs in rounds]
  high = [(float(ours) + 0.06) / (float(theirs) - 0.06) + 0.006 for ours, theirs in rounds]
  said = r"ours against torch-fidelity: median ratio ([\d.]+) \(([\d.]+) to ([\d.]+)\)"
  _, least, most = map(float, re.findall(said, result.stdout)[0])
  assert min(low) <= least <= min(high)
  assert max(low) <= most <= max(high)
