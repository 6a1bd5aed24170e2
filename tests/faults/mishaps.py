"""What else goes wrong: a second trainer, a clock that runs backwards, losses that overflow."""

import pathlib
import random
import signal
import subprocess

from .place import REPOSITORY, Place, run

# Every look at the clock is an hour before the one before.
_BACKWARDS = """
import pathlib, time
pathlib.Path(__file__).with_name("loaded").touch()
start = time.time()
looks = iter(range(10**9))
time.time = lambda: start - 3600.0 * next(looks)
time.time_ns = lambda: int(time.time() * 1e9)
"""


def two_trainers(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A second trainer in the same workdir is refused, and the first does not notice."""
  first = subprocess.Popen(place.train(workdir), stderr=subprocess.PIPE, text=True)
  for line in first.stderr:
    if line.startswith("step 4/"):
      break
  first.send_signal(signal.SIGSTOP)
  second = place.expect(place.train(workdir), 2)
  assert f"process {first.pid} on " in second.err, second.err
  first.send_signal(signal.SIGCONT)
  _, rest = first.communicate()
  assert first.returncode == 0, rest
  place.check_same(workdir)
  return ""


def clock_backwards(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A clock that goes backwards changes no bit, and no checkpoint is taken for an older one."""
  patch = workdir / "patch"
  patch.mkdir(parents=True)
  (patch / "sitecustomize.py").write_text(_BACKWARDS, encoding="utf-8")
  backwards = {"PYTHONPATH": f"{patch}:{REPOSITORY}"}
  for steps in (28, 60):
    ended = run(place.train(workdir / "run", num_steps=steps), backwards)
    assert ended.code == 0, ended.err
  assert (patch / "loaded").exists(), "the clock was as ever"
  place.check_same(workdir / "run")
  return ""


def not_a_number(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """Losses that overflow end the run with code 3; the checkpoints before stay usable."""
  wild = {"optimizer__learning_rate": 1e30, "checkpoint_every": 1, "log_every": 1}
  ended = place.expect(place.train(workdir, **wild), 3)
  assert "stopped being finite" in ended.err, ended.err
  place.expect(place.train(workdir, **wild), 3)
  return ""
