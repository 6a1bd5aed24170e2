"""Python, this package, and the packages that every command needs."""

import pathlib
import platform
import sys
from collections.abc import Iterator

import dcgan_jax
from dcgan_jax.checkup.finding import Finding, absent, good, wrong
from dcgan_jax.checkup.requirements import Requirement, demands, fits, installed, python_fits

# Those whose versions one asks for when something is odd.
_TOLD = ("jax", "flax", "optax", "orbax-checkpoint", "tensorflow-cpu", "tensorflow", "numpy")


def findings(data_dir: str | None) -> Iterator[Finding]:
  """Versions, and whether they are among those that this one accepts."""
  del data_dir  # packages have nothing to do with it
  version = platform.python_version()
  asked = demands()
  if asked and not python_fits(asked.python, version):
    fix = "install one of those, and dcgan_jax in an environment of its own"
    yield wrong("Python", f"{version}; {asked.python} is needed", fix, vital=True)
  else:
    yield good("Python", f"{version}, {sys.executable}")
  yield good("dcgan_jax", f"{dcgan_jax.__version__} in {pathlib.Path(dcgan_jax.__file__).parent}")
  if asked is None:
    told = "neither installed nor in a checkout, so that nothing says which versions are needed"
    yield absent("packages", f"{told}; there are {_versions()}")
    return
  problems = [finding for finding in map(_problem, asked.packages) if finding]
  if not problems:
    yield good("packages", f"all {len(asked.packages)} in accepted versions: {_versions()}")
  yield from problems


def _problem(requirement: Requirement) -> Finding | None:
  version = installed(requirement.name)
  if version is not None and fits(requirement, version):
    return None
  there = "not installed" if version is None else f"{version} is there"
  needed = str(requirement.specifier) or "any version"
  fix = f'pip install "{requirement.name}{requirement.specifier}"'
  return wrong(requirement.name, f"{there}; {needed} is needed", fix, vital=True)


def _versions() -> str:
  found = {name: installed(name) for name in _TOLD}
  return ", ".join(f"{name} {version}" for name, version in found.items() if version)
