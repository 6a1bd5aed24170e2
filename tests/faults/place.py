"""A small data set, and the product's commands on it as processes that can be killed."""

import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

REPOSITORY = pathlib.Path(__file__).parents[2]
STEPS = 60
_IMAGES = 100


class Ended(NamedTuple):
  """How a command ended."""

  code: int  # minus the signal where it was killed
  out: str
  err: str


class Place:
  """A folder to work in, with 90 synthetic faces prepared and a run that nothing disturbed."""

  def __init__(self, folder: pathlib.Path):
    self.folder, self.data = folder, folder / "data"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    self.expect(self.prepare(self.data))
    self.undisturbed = folder / "undisturbed"
    self.expect(self.train(self.undisturbed))

  def train(self, workdir: pathlib.Path, **fields: object) -> list[str]:
    """The command of one run; the fields are dotted, with __ for the dot."""
    fields = {
      "num_steps": STEPS, "data__name": "synthetic", "data__data_dir": self.data,
      "model__width": 2, "model__latent_size": 8, "batch_size": 8, "steps_per_dispatch": 4,
      "log_every": 4, "sample_every": 20, "checkpoint_every": 4,
    } | fields  # fmt: skip
    flags = [f"--config.{name.replace('__', '.')}={value}" for name, value in fields.items()]
    config = f"--config={REPOSITORY / 'configs' / 'default.py'}"
    return command("main", config, f"--workdir={workdir}", *flags)

  def prepare(self, data_dir: pathlib.Path) -> list[str]:
    return command("prepare", "synthetic", f"--num={_IMAGES}", f"--data-dir={data_dir}")

  def evaluate(self, workdir: pathlib.Path, *flags: str) -> list[str]:
    """Of pixels alone: Inception's weights need not be there."""
    wanted = ("--metrics=swd,memorization", "--num=64", f"--data-dir={self.data}")
    return command("evaluate", f"--workdir={workdir}", *wanted, *flags)

  def sample(self, workdir: pathlib.Path, out: pathlib.Path) -> list[str]:
    return command("sample", f"--workdir={workdir}", f"--out={out}", "--num=64", "--ema")

  def copy_to(self, workdir: pathlib.Path) -> None:
    """Copies the undisturbed run, without its scores."""
    shutil.copytree(self.undisturbed, workdir, ignore=shutil.ignore_patterns("evaluation*"))

  def expect(self, arguments: Sequence[str], code: int = 0) -> Ended:
    """Runs a command to its end, which must have this code and no traceback."""
    ended = run(arguments)
    assert ended.code == code, f"code {ended.code} where {code} was due:\n{ended.err}"
    assert "Traceback" not in ended.err, ended.err
    return ended

  def check_same(self, workdir: pathlib.Path, steps: int = STEPS) -> None:
    """The run has ended in the undisturbed run's bits, on disk, and has logged the same losses."""
    from dcgan_jax.trained import load_generator

    load_generator(workdir, steps, ema=False)  # reads all, and compares it with its hashes
    assert hashes(workdir, steps) == hashes(self.undisturbed, steps), "other weights"
    assert losses(workdir) == losses(self.undisturbed), "other losses"
    assert (workdir / "finished.json").exists(), "not finished"


def command(name: str, *arguments: str) -> list[str]:
  return [sys.executable, "-m", f"dcgan_jax.{name}", *arguments]


def run(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Ended:
  """Runs a command to its end."""
  done = subprocess.run(
    arguments, capture_output=True, text=True, check=False, env=os.environ | (environment or {})
  )
  return Ended(done.returncode, done.stdout, done.stderr)


def kill_when(
  arguments: Sequence[str], moment: Callable[[str], bool], number: int = signal.SIGKILL
) -> Ended:
  """Starts a command, sends it a signal once `moment` holds, and waits for its end.

  Args:
    arguments: the command.
    moment: asked again and again, with what the command has said so far.
    number: the signal.
  """
  process = subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
  os.set_blocking(process.stderr.fileno(), False)
  said = b""
  while process.poll() is None:
    said += process.stderr.read() or b""
    if moment(said.decode(errors="replace")):
      process.send_signal(number)
      break
    select.select([process.stderr], [], [], 0.002)
  os.set_blocking(process.stderr.fileno(), True)
  out, err = process.communicate()
  return Ended(process.returncode, out.decode(), (said + err).decode())


def hashes(workdir: pathlib.Path, step: int) -> dict[str, str]:
  """The SHA-256 of a checkpoint's state, as saved with it."""
  record = workdir / "checkpoints" / str(step) / "record" / "metadata"
  found: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))["sha256"]
  return {"state": found["state"]}


def losses(workdir: pathlib.Path) -> list[dict[str, float]]:
  """The lines of metrics.jsonl but for what depends on the machine's mood."""
  lines = (workdir / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
  rows = [json.loads(line) for line in lines]
  return [{k: v for k, v in row.items() if k != "images_per_second"} for row in rows]


def scores(workdir: pathlib.Path) -> list[tuple[int, str, float]]:
  """Step, metric and value of each row of evaluation.jsonl, sorted."""
  lines = (workdir / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()
  rows = [json.loads(line) for line in lines if line]
  return sorted((row["subject"]["step"], row["metric"], row["value"]) for row in rows)
