"""What there is to compute on, and what is here that jax cannot use."""

import os
import pathlib
from collections.abc import Iterator
from typing import Any

from dcgan_jax.checkup.accelerators import Kind, asked_for, present
from dcgan_jax.checkup.asking import SHOW, ask_jax
from dcgan_jax.checkup.finding import Finding, absent, good, wrong
from dcgan_jax.checkup.requirements import installed
from dcgan_jax.quantities import bytes_text

_DEV = pathlib.Path("/dev")


def findings(data_dir: str | None) -> Iterator[Finding]:
  """The devices as jax has them, and accelerators that it leaves out.

  Raises:
    UserError: jax gives no answer.
  """
  del data_dir  # nothing in it computes
  asked = [name for name in os.environ.get("JAX_PLATFORMS", "").split(",") if name]
  answer, said = ask_jax()
  if "error" in answer:
    first, *rest = answer["error"].splitlines()
    lacking = [kind for kind in asked_for(asked) if installed(kind.distribution) is None]
    fix = f'pip install ".[{lacking[0].extra}]"' if lacking else " ".join(rest)
    yield wrong("devices", f"{_setting(asked)}{first}", fix, vital=True)
  else:
    yield good("devices", f"{_described(answer)}{_told_by(asked)}")
  used = answer.get("platform")
  for kind, file in present(_DEV):
    if used not in kind.platforms:
      yield _unused(kind, file, asked, said)


def _described(answer: dict[str, Any]) -> str:
  count, memory = answer["count"], answer["memory"]
  text = f"{count:,} {answer['kind']} device" + ("s" if count > 1 else "")
  if memory is None:  # a CPU has the machine's
    return text
  return f"{text}, {bytes_text(memory)} of memory{' each' if count > 1 else ''} for jax"


def _unused(kind: Kind, file: pathlib.Path, asked: list[str], said: str) -> Finding:
  if asked and not set(kind.platforms) & set(asked):
    return absent(kind.name, f"{file} is there{_told_by(asked)}", "unset JAX_PLATFORMS")
  if installed(kind.distribution) is None:
    detail = f"{file} is there, but this jax cannot use it: {kind.distribution} is not installed"
    return wrong(kind.name, detail, f'pip install ".[{kind.extra}]"')
  detail = f"{file} is there and {kind.distribution} installed, but jax cannot use it"
  return wrong(kind.name, f"{detail}: {said}" if said else detail, SHOW)


def _setting(asked: list[str]) -> str:
  return f"JAX_PLATFORMS={','.join(asked)}: " if asked else ""


def _told_by(asked: list[str]) -> str:
  return f" (JAX_PLATFORMS={','.join(asked)})" if asked else ""
