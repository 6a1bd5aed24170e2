import logging
import os
import pathlib
import subprocess
import sys
from types import SimpleNamespace

import pytest

from dcgan_jax.startup import compilation_cache, prepare_process

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


def test_compiled_programs_are_kept_in_the_users_cache(monkeypatch, tmp_path):
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
  monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
  prepare_process()
  folder = pathlib.Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
  assert folder.parent == tmp_path / "dcgan_jax" / "compiled"
  monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
  assert compilation_cache() == folder
  prepare_process()
  assert os.environ["JAX_COMPILATION_CACHE_DIR"] == str(folder)  # the same for the next start


def test_a_cache_of_the_users_stays(monkeypatch):
  monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "mine")
  prepare_process()
  assert os.environ["JAX_COMPILATION_CACHE_DIR"] == "mine"
  assert compilation_cache() == pathlib.Path("mine")


def test_of_what_a_failed_read_leaves_over_nothing_is_said_and_other_errors_are(
  monkeypatch, caplog
):
  prepare_process()
  for name in ("asyncio", "mine"):
    logging.getLogger(name).error("Task exception was never retrieved")
  assert [record.name for record in caplog.records] == ["mine"]
  said = []
  monkeypatch.setattr(sys, "unraisablehook", said.append)
  prepare_process()

  def coroutine(file):
    return SimpleNamespace(cr_code=SimpleNamespace(co_filename=file))

  for words, thrown_away in (
    ("Event loop is closed", None),
    ("read", coroutine("site-packages/orbax/checkpoint/serialization.py")),
    ("mine", coroutine("site-packages/mine.py")),
    ("another", None),
  ):
    sys.unraisablehook(SimpleNamespace(exc_value=RuntimeError(words), object=thrown_away))
  assert [str(unraisable.exc_value) for unraisable in said] == ["mine", "another"]


COMPILE = """
from dcgan_jax.startup import prepare_process
prepare_process()
import jax
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.jit(lambda x: x * 2)(jax.numpy.ones(3))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME is Linux's")
def test_jax_fills_that_cache(tmp_path):
  env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
  del env["JAX_COMPILATION_CACHE_DIR"]
  subprocess.run([sys.executable, "-c", COMPILE], check=True, env=env)
  assert any((tmp_path / "dcgan_jax" / "compiled").rglob("*-cache"))


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
