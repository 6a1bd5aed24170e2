"""Disks that damage, fill up, or may only be read."""

import contextlib
import pathlib
import random
import subprocess
from collections.abc import Iterator

from .place import STEPS, Place, kill_when


class UnavailableError(Exception):
  """This machine does not let us inject the fault."""


def damaged_checkpoint(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A file of the newest checkpoint cut short, changed or missing: the one before it is used."""
  place.copy_to(workdir)
  newest = workdir / "checkpoints" / str(STEPS)
  file = rng.choice([path for path in sorted(newest.rglob("*")) if path.is_file()])
  kind = rng.choice([_cut, _flip, pathlib.Path.unlink])
  kind(file)
  told = f"{file.relative_to(newest)} {kind.__name__.strip('_')}"
  out = workdir.with_suffix(".png")
  sampled = place.expect(place.sample(workdir, out))
  scored = place.expect(place.evaluate(workdir))
  trained = place.expect(place.train(workdir))
  place.check_same(workdir)
  seen = "the checkpoint is damaged" in sampled.err
  for ended in (sampled, scored, trained):
    assert ("the checkpoint is damaged" in ended.err) == seen, f"{told}: {ended.err}"
    for named in (STEPS, STEPS - 4) if seen else ():
      assert str(named) in ended.err, f"{named} is not named: {ended.err}"
  return told if seen else f"{told}: not needed"


def full_disk(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A disk that fills up while it trains; once there is room, the same command goes on."""
  step = 4 * rng.randrange(3, STEPS // 4 - 2)
  with _disk(workdir, "4m"):
    ballast, run_dir = workdir / "ballast", workdir / "run"

    def fill(said: str) -> bool:
      if f"step {step}/" in said and not ballast.exists():
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
          while True:
            file.write(bytes(1024))
      return False  # it ends by itself

    ended = kill_when(place.train(run_dir), fill)
    assert ended.code == 2, f"code {ended.code}: {ended.err}"
    assert "No space left on device" in ended.err, ended.err
    assert "Traceback" not in ended.err, ended.err
    ballast.unlink()
    place.expect(place.train(run_dir))
    place.check_same(run_dir)
  return f"from step {step} on"


def read_only(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A workdir that may only be read: no training; samples and scores go elsewhere."""
  with _disk(workdir, "8m"):
    run_dir = workdir / "run"
    place.copy_to(run_dir)
    _call("mount", "-o", "remount,ro", str(workdir))
    assert "cannot be written" in place.expect(place.train(run_dir, num_steps=80), 2).err
    refused = place.expect(place.evaluate(run_dir), 2)
    assert "--out" in refused.err, refused.err
    assert "cannot be written" in place.expect(place.sample(run_dir, run_dir / "a.png"), 2).err
    refused = place.expect(place.prepare(workdir / "data"), 2)
    assert "cannot be written" in refused.err or "Read-only" in refused.err, refused.err
    outside = workdir.with_suffix(".out")
    outside.mkdir()
    place.expect(place.sample(run_dir, outside / "a.png"))
    place.expect(place.evaluate(run_dir, f"--out={outside / 'scores.jsonl'}"))
  return ""


@contextlib.contextmanager
def _disk(folder: pathlib.Path, size: str) -> Iterator[None]:
  folder.mkdir(parents=True, exist_ok=True)
  _call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
  try:
    yield
  finally:
    _call("umount", "-l", str(folder))


def _call(*arguments: str) -> None:
  try:
    subprocess.run(arguments, check=True, capture_output=True, text=True)
  except (OSError, subprocess.CalledProcessError) as error:
    raise UnavailableError(f"{' '.join(arguments[:2])}: {error}") from error


def _cut(path: pathlib.Path) -> None:
  path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: pathlib.Path) -> None:
  content = bytearray(path.read_bytes())
  if content:
    content[len(content) // 2] ^= 1
  path.write_bytes(content)
