"""What a process sets before it loads jax and TensorFlow: logs, allocator, compilation cache."""

import ctypes
import hashlib
import logging
import os
import pathlib
import platform
import sys

import platformdirs
from absl import logging as absl_logging

# malloc.h
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4

_COMPILATION_CACHE = "JAX_COMPILATION_CACHE_DIR"


def prepare_process() -> None:
  """Call first in a command, before anything that imports jax or TensorFlow."""
  os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
  # TensorFlow announces at each start that its oneDNN kernels may round differently; unused here.
  os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
  # Orbax writes 20 lines a checkpoint, and it and clu log with a traceback what they also raise.
  absl_logging.set_verbosity(absl_logging.FATAL)
  _pass_over_what_is_left_over()
  _schedule_for_threaded_matmuls()
  _keep_freed_memory()
  _keep_compiled_programs()


def _pass_over_what_is_left_over() -> None:
  """Says nothing of what is left over when one of several writes or reads has failed.

  Orbax raises the first failure. Of the others, asyncio logs tasks that nobody waited for, their
  coroutines are thrown away, and TensorStore's threads call an event loop that is closed: each
  would print a traceback. Nothing else here runs on asyncio.
  """
  logging.getLogger("asyncio").setLevel(logging.CRITICAL)
  usual = sys.unraisablehook

  def hook(unraisable: "sys.UnraisableHookArgs") -> None:
    code = getattr(unraisable.object, "cr_code", None)
    of_orbax = code is not None and "orbax" in code.co_filename
    if not of_orbax and str(unraisable.exc_value) != "Event loop is closed":
      usual(unraisable)

  sys.unraisablehook = hook


def _schedule_for_threaded_matmuls() -> None:
  """Has XLA's CPU backend run one operation after another, in every program compiled from here on.

  By default it runs independent ones at the same time, but a training step is made of matmuls
  that use all cores themselves and only get in each other's way: 15 % slower on two cores.
  """
  flag = "--xla_cpu_enable_concurrency_optimized_scheduler"
  given = os.environ.get("XLA_FLAGS", "")
  if flag not in given:
    os.environ["XLA_FLAGS"] = f"{given} {flag}=false".strip()


def _keep_freed_memory() -> None:
  """Lets glibc's malloc keep what is freed rather than hand it back to the kernel.

  XLA's CPU backend allocates its temporaries afresh at each call, over 100 MB for a training step;
  returned pages would be faulted in again, 40,000 times a step. Does nothing where there is no
  glibc, and changes no result.
  """
  if not sys.platform.startswith("linux"):
    return
  mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
  if mallopt is not None:
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def _keep_compiled_programs() -> None:
  """Has jax keep what it compiles in the user's cache, unless JAX_COMPILATION_CACHE_DIR is set.

  Ex2's update takes 8 s to compile on two cores; the next start has it in 2. The small programs
  are kept as well: there are dozens, and each takes as long to compile as ten to read.
  """
  os.environ.setdefault(_COMPILATION_CACHE, str(compilation_cache()))
  os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")


def compilation_cache() -> pathlib.Path:
  """Where jax keeps what it compiles, in every process that calls `prepare_process`."""
  if given := os.environ.get(_COMPILATION_CACHE):
    return pathlib.Path(given)
  return pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / "compiled" / _processor()


def _processor() -> str:
  """A name for this kind of processor.

  A home folder may be shared by machines, and a program compiled for one may have instructions that
  another has not.
  """
  try:
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
  except OSError:
    lines = []
  kinds = {line for line in lines if line.startswith(("model name", "flags", "Features"))}
  text = "\n".join([platform.machine(), platform.processor(), *sorted(kinds)])
  return hashlib.sha256(text.encode()).hexdigest()[:16]
