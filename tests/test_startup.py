import os
import subprocess
import sys

import pytest

from dcgan_jax.startup import prepare_process

SCHEDULER = "--xla_cpu_enable_concurrency_optimized_scheduler"


def test_the_schedulers_flag_joins_those_already_given(monkeypatch):
  monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
  prepare_process()
  expected = f"--xla_force_host_platform_device_count=2 {SCHEDULER}=false"
  assert os.environ["XLA_FLAGS"] == expected


def test_a_flag_of_the_users_stays(monkeypatch):
  monkeypatch.setenv("XLA_FLAGS", f"{SCHEDULER}=true")
  prepare_process()
  assert os.environ["XLA_FLAGS"] == f"{SCHEDULER}=true"


COUNT_FAULTS = """
import resource, sys
from dcgan_jax import startup
if sys.argv[1] == "tuned":
  startup.prepare_process()
import numpy as np
np.ones(1 << 22).sum()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
  np.ones(1 << 22).sum()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(
  not sys.platform.startswith("linux") or not os.confstr("CS_GNU_LIBC_VERSION"),
  reason="needs glibc's malloc",
)
def test_freed_memory_is_kept_so_that_it_is_not_faulted_in_again():
  # Whoever runs the tests may have tuned malloc already.
  untuned = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

  def faults(mode):
    command = [sys.executable, "-c", COUNT_FAULTS, mode]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=untuned)
    return int(run.stdout)

  # 20 arrays of 32 MiB: 8,192 pages each time they are mapped afresh, unless pages are huge.
  assert faults("tuned") < 0.1 * faults("plain")
