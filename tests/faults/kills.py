"""Commands killed at random moments and run again."""

import concurrent.futures
import pathlib
import random
import shutil
import signal
import time

from .place import STEPS, Place, kill_when, scores


class TooLateError(Exception):
  """The command had ended before it was killed."""


def in_training(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while it trains, then the same command."""
  step = 4 * rng.randrange(1, STEPS // 4)
  _kill(place.train(workdir), f"step {step}/", rng.uniform(0, 0.03))
  _train_again(place, workdir)
  return f"at step {step}"


def in_a_checkpoint_write(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while a checkpoint is half written, then the same command."""
  step = 4 * rng.randrange(1, STEPS // 4)

  def half_written(said: str) -> bool:
    return f"step {step}/" in said and bool(_half_written(workdir))

  kill_when(place.train(workdir), half_written)
  if not _half_written(workdir):
    raise TooLateError
  _train_again(place, workdir)
  assert not _half_written(workdir), "a half written one was left"
  return f"after step {step}"


def at_the_start(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while it imports, reads, restores or compiles, then the same command."""
  place.copy_to(workdir)
  for step in (STEPS - 4, STEPS):
    shutil.rmtree(workdir / "checkpoints" / str(step))
  seconds = rng.uniform(0, 4)
  _kill(place.train(workdir), "", seconds)
  _train_again(place, workdir)
  return f"after {seconds:.1f} s"


def by_sigterm(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGTERM: the step is saved within 20 s, the code is 75, and the same command goes on."""
  step, sent = 4 * rng.randrange(1, STEPS // 4 - 2), 0.0

  def moment(said: str) -> bool:
    nonlocal sent
    sent = time.monotonic()
    return f"step {step}/" in said

  ended = kill_when(place.train(workdir), moment, signal.SIGTERM)
  seconds = time.monotonic() - sent
  if ended.code == 0:
    raise TooLateError
  assert ended.code == 75, f"code {ended.code}: {ended.err}"
  assert "SIGTERM: saved step" in ended.err, ended.err
  assert seconds < 20, f"took {seconds:.0f} s"
  _train_again(place, workdir)
  return f"saved and ended in {seconds:.1f} s"


def in_preparation(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while a set is prepared, then the same command: the same set, and nothing else."""
  seconds = rng.uniform(0, 3)
  _kill(place.prepare(workdir), "", seconds)
  place.expect(place.prepare(workdir))
  assert _contents(workdir) == _contents(place.data), "another set"
  return f"after {seconds:.1f} s"


def in_evaluation(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while checkpoints are scored, then the same command: each score once."""
  place.copy_to(workdir)
  seconds = rng.uniform(0, 8)
  _kill(place.evaluate(workdir, "--all"), "", seconds)
  place.expect(place.evaluate(workdir, "--all"))
  assert scores(workdir) == _undisturbed_scores(place), "other scores"
  return f"after {seconds:.1f} s"


def in_sampling(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """SIGKILL while samples are drawn: a whole picture or none, and then the same one."""
  whole, out = place.folder / "whole.png", workdir / "faces.png"
  if not whole.exists():
    place.expect(place.sample(place.undisturbed, whole))
  seconds = rng.uniform(0, 4)
  _kill(place.sample(place.undisturbed, out), "", seconds)
  assert not out.exists() or out.read_bytes() == whole.read_bytes(), "half a picture"
  place.expect(place.sample(place.undisturbed, out))
  assert out.read_bytes() == whole.read_bytes(), "another picture"
  return f"after {seconds:.1f} s"


def beside_an_evaluator(place: Place, workdir: pathlib.Path, rng: random.Random) -> str:
  """A trainer and an evaluator that follows it, killed in turn; then both to their ends."""
  kept = {"keep_latest": STEPS}  # every checkpoint: the evaluator may be late
  follower = place.evaluate(workdir, "--follow")
  step = 4 * rng.randrange(3, STEPS // 4 - 2)
  rows = rng.randrange(1, step // 4)  # two a checkpoint, of which there is one each four steps
  with concurrent.futures.ThreadPoolExecutor(1) as beside:
    evaluator = beside.submit(kill_when, follower, lambda said: _num_rows(workdir) >= rows)
    _kill(place.train(workdir, **kept), f"step {step}/", rng.uniform(0, 0.03))
    assert evaluator.result().code == -signal.SIGKILL, "the evaluator ended before its trainer"
  place.expect(place.train(workdir, **kept))
  place.expect(follower)
  place.check_same(workdir)
  found = scores(workdir)
  assert len(found) == len({row[:2] for row in found}), "a score was taken twice"
  assert {row[0] for row in found} == set(range(4, STEPS + 1, 4)), "a checkpoint was not scored"
  expected = [row for row in _undisturbed_scores(place) if row[0] == STEPS]
  assert [row for row in found if row[0] == STEPS] == expected, "other scores"
  return f"at step {step}, and row {rows}"


def _num_rows(workdir: pathlib.Path) -> int:
  path = workdir / "evaluation.jsonl"
  return path.read_bytes().count(b"\n") if path.exists() else 0


def _kill(arguments: list[str], words: str, seconds: float) -> None:
  """SIGKILL so long after a command has said these words."""
  seen: list[float] = []

  def moment(said: str) -> bool:
    if not seen and words in said:
      seen.append(time.monotonic())
    return bool(seen) and time.monotonic() - seen[0] >= seconds

  if kill_when(arguments, moment).code != -signal.SIGKILL:
    raise TooLateError


def _train_again(place: Place, workdir: pathlib.Path) -> None:
  place.expect(place.train(workdir))
  place.check_same(workdir)


def _half_written(workdir: pathlib.Path) -> list[pathlib.Path]:
  return list((workdir / "checkpoints").glob("*.orbax-checkpoint-tmp*"))


def _contents(folder: pathlib.Path) -> dict[str, object]:
  """Every file's bytes; of TFRecords, in which the fields of a record have no order, their size."""
  files = [path for path in folder.rglob("*") if path.is_file()]
  return {
    str(path.relative_to(folder)): len(content) if "tfrecord" in path.name else content
    for path in files
    for content in [path.read_bytes()]
  }


def _undisturbed_scores(place: Place) -> list[tuple[int, str, float]]:
  if not (place.undisturbed / "evaluation.jsonl").exists():
    place.expect(place.evaluate(place.undisturbed, "--all"))
  return scores(place.undisturbed)
