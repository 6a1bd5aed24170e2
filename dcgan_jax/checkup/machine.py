"""Cores, memory and disks."""

import os
import pathlib
import shutil
from collections.abc import Iterator

import platformdirs

from dcgan_jax.checkup.finding import Finding, absent, good, wrong
from dcgan_jax.data.reports import data_dir as folder_of_sets
from dcgan_jax.quantities import bytes_text

_MEMINFO = pathlib.Path("/proc/meminfo")
_LIMITS = tuple(
  pathlib.Path("/sys/fs/cgroup", name) for name in ("memory.max", "memory/memory.limit_in_bytes")
)
# What an evaluation of FER-2013 takes; a training of the paper's model takes half of it.
_MEMORY = 3 * 2**30
# A run of the paper's model leaves three checkpoints of 150 MB, pictures and logs.
_DISK = 2**30


def findings(data_dir: str | None) -> Iterator[Finding]:
  """What the machine has, and what is scarce.

  Raises:
    UserError: the data directory is a URL.
  """
  yield good("CPU", f"{_cores()} cores for this process")
  yield _memory()
  places = {
    "data sets": folder_of_sets(data_dir),
    "caches": pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")),
    "runs": pathlib.Path("runs").absolute(),
  }
  yield from _disks(places)


def _cores() -> int:
  if hasattr(os, "sched_getaffinity"):  # not on macOS
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1


def _memory() -> Finding:
  total, free = _total_and_free()
  if total is None:
    return absent("memory", "this system does not say how much there is")
  detail = bytes_text(total) + (f", {bytes_text(free)} of it free" if free is not None else "")
  if (total if free is None else free) < _MEMORY:
    needed = f"an evaluation takes up to {bytes_text(_MEMORY)}, a training half of it"
    return wrong("memory", f"{detail}; {needed}", "end what else is running")
  return good("memory", detail)


def _total_and_free() -> tuple[int | None, int | None]:
  """Bytes; of a container what it is allowed, as far as that is known."""
  known = {}
  if _MEMINFO.exists():
    for line in _MEMINFO.read_text(encoding="utf-8").splitlines():
      name, _, rest = line.partition(":")
      known[name] = int(rest.split()[0]) * 1024
  total, free = known.get("MemTotal"), known.get("MemAvailable")
  if total is None and "SC_PHYS_PAGES" in os.sysconf_names:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
  limits = [path.read_text(encoding="ascii").strip() for path in _LIMITS if path.exists()]
  for limit in limits:
    if limit.isdecimal() and total is not None:
      total = min(total, int(limit))
      free = None if free is None else min(free, int(limit))
  return total, free


def _disks(places: dict[str, pathlib.Path]) -> Iterator[Finding]:
  """A line for each disk, with what lies or would lie on it."""
  disks: dict[int, list[str]] = {}
  for name, place in places.items():
    there = _existing(place)
    disks.setdefault(there.stat().st_dev, []).append(name)
    if not os.access(there, os.W_OK):
      way = {"data sets": "--data-dir=DIR", "runs": "--workdir=DIR"}.get(name, "XDG_CACHE_HOME=DIR")
      yield wrong(name, f"{there} cannot be written", f"name another folder with {way}")
  for names in disks.values():
    usage = shutil.disk_usage(_existing(places[names[0]]))
    detail = f"{bytes_text(usage.free)} of {bytes_text(usage.total)} free, for {', '.join(names)}"
    if usage.free < _DISK:
      yield wrong("disk", f"{detail}; a run needs some {bytes_text(_DISK)}", "free some space")
    else:
      yield good("disk", detail)


def _existing(place: pathlib.Path) -> pathlib.Path:
  """The folder itself, or the nearest above it that is there."""
  return next(folder for folder in (place, *place.parents) if folder.is_dir())
