"""Where a whole command meets a hostile file, and the rules for how it ends.

In success or in one message: never in a traceback, a hang, memory above 2 GB, or a file outside of
where it was to write.
"""

import json
import pathlib
import re

from .cases import Maker
from .measured import Ended, listing, run

MOST_MEMORY = 2 * 10**9
SECONDS = 120  # a guard against what never ends; most end in less than one

# Runs a command again and again, as its module does once; marks where each begins and its code.
_SEVERAL = """
import importlib, json, sys
from dcgan_jax.errors import run_command
command, function, jobs = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
body = getattr(importlib.import_module(f"dcgan_jax.{command}"), function)
for job in jobs:
  print(end="\\0", file=sys.stderr)
  try:
    run_command(command, lambda: body(job))
  except SystemExit as end:
    print(end=f"\\1{end.code}", file=sys.stderr)
"""


def check(command: str, ended: Ended, named: str) -> None:
  """The rules for all."""
  assert ended.code in (0, 2), ended.err[-3000:]
  assert "Traceback" not in ended.err, ended.err[-3000:]
  assert ended.peak_bytes < MOST_MEMORY
  assert len(ended.err) < 10_000
  assert (ended.out + ended.err).replace("\n", "").isprintable()
  if ended.code == 2:
    _, *messages = re.split(rf"^{command}: ", ended.err, flags=re.MULTILINE)
    assert len(messages) == 1, ended.err
    assert re.fullmatch(r".*\n( .*\n)*", messages[0])  # it comes last, all of it indented
    assert named in messages[0]


class Place:
  """A folder with a hostile file in `in`, and what a command may write in `target`."""

  def __init__(self, folder: pathlib.Path):
    self.folder, self.target = folder, folder / "target"
    for name in ("in", "home", "here", "target"):
      (folder / name).mkdir()
    (folder / "precious").write_text("do not lose")

  def make(self, maker: Maker) -> pathlib.Path:
    return maker(self.folder / "in")

  def run(self, command: str, *arguments: object, named: str = "", **variables: object) -> Ended:
    """Runs a command, and checks it and what lies around it."""
    program = ["-m", f"dcgan_jax.{command}", *map(str, arguments)]
    ended = self._watched(program, variables)
    check(command, ended, named)
    return ended

  def prepare(self, kind: str, source: pathlib.Path, *options: str, named: str = "") -> Ended:
    """Runs `prepare` of a source, which its message is to name, or something else."""
    options = (f"--source={source}", f"--data-dir={self.target}", *options)
    return self.run("prepare", kind, *options, named=named or source.name)

  def run_several(
    self, command: str, function: str, jobs: dict[str, list[object]]
  ) -> dict[str, int]:
    """Runs a command for each name's arguments in one process, and returns their exit codes."""
    arguments = json.dumps([list(map(str, job)) for job in jobs.values()])
    ended = self._watched(["-c", _SEVERAL, command, function, arguments], {})
    said = ended.err.split("\0")[1:]
    assert len(said) == len(jobs), f"{list(jobs)[len(said) - 1]}: {ended.err[-3000:]}"
    codes = {}
    for (name, job), text in zip(jobs.items(), said, strict=True):
      err, _, code = text.partition("\1")
      codes[name] = int(code)
      check(command, ended._replace(code=int(code), err=err), named=pathlib.Path(job[0]).name)
    return codes

  def ran(self) -> bool:
    """Whether a pickle in it was run: those that the makers write touch `ran` beside them."""
    return any(self.folder.rglob("ran"))

  def _watched(self, program: list[str], variables: dict[str, object]) -> Ended:
    before = self._surroundings()
    texts = {name: str(value) for name, value in variables.items()}
    ended = run(program, self.folder, SECONDS, **texts)
    after = self._surroundings()
    assert after == before, sorted(set(after.items()) ^ set(before.items()))
    assert (self.folder / "precious").read_text() == "do not lose"
    return ended

  def _surroundings(self) -> dict[str, tuple[object, ...]]:
    return listing(self.folder, self.target, self.folder / "home")
