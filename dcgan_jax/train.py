"""The training job: images in, checkpoints out, resumable at any moment."""

import contextlib
import pathlib
import shlex
import sys
from collections.abc import Iterator, Sequence

import jax
import numpy as np
from ml_collections import ConfigDict

from dcgan_jax import config as configs
from dcgan_jax import parallel, processes
from dcgan_jax.averages import DivergedError
from dcgan_jax.beginning import initial_state, needed_classifier
from dcgan_jax.checkpoints import Checkpoints, Record
from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.config_files import flat
from dcgan_jax.data.prepared import Prepared, load_prepared
from dcgan_jax.data.schedule import Dispatch, schedule
from dcgan_jax.data.selection import only
from dcgan_jax.ending import mark
from dcgan_jax.errors import EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_OK, UserError
from dcgan_jax.expressions import runs_of_each
from dcgan_jax.feed import Feed, make_feed
from dcgan_jax.follower import Follower
from dcgan_jax.gan.state import GANState, abstract_state
from dcgan_jax.interruption import Interruption
from dcgan_jax.models.build import build
from dcgan_jax.models.precision import PRECISIONS
from dcgan_jax.precision_check import settle_precision
from dcgan_jax.program import Program, make_program
from dcgan_jax.record import make_record
from dcgan_jax.resume import resume
from dcgan_jax.run import Run, open_workdir
from dcgan_jax.tracking import WriteError
from dcgan_jax.wandb_board import WandbBoard
from dcgan_jax.workdir_lock import sole_trainer


def train(config: ConfigDict, workdir: pathlib.Path, wandb: bool = False) -> int:
  """Trains as the config says, from the workdir's newest checkpoint where there is one.

  Args:
    config: fields as in configs/default.py.
    workdir: the run's folder; made where it is missing.
    wandb: shows the run in Weights & Biases too.

  Returns:
    The exit code: 0 finished, 3 diverged, 75 interrupted after saving.

  Raises:
    UserError: a bad config or workdir, data not prepared, a workdir that holds another run, or
      one that nothing can be written to any more; of many processes, one that differs.
  """
  # From the start: Python loses an exception that a signal raises in some callback of a library's.
  with processes.interruption() as interruption:
    parallel.check_devices()
    configs.check(config, jax.device_count())
    if processes.leads() and (each := runs_of_each(workdir)):
      raise UserError(
        f"--workdir={workdir}: holds a run of each class ({', '.join(each)}). Name another folder."
      )
    data = load_prepared(config.data.name, config.data.split, config.data.data_dir)
    if config.data.expression:
      data = only(data, config.data.expression, f"{config.data.name}/{config.data.split}")
    configs.check_against_data(config, data)
    if not processes.leads():
      return _train(config, workdir, data, None, None, interruption)
    classifier = needed_classifier(config, data.images.shape[1:], workdir)
    open_workdir(workdir)
    with _writing(workdir), sole_trainer(workdir):
      checkpoints = Checkpoints(workdir, config.keep_latest, config.keep_every)
      try:
        return _train(config, workdir, data, checkpoints, classifier, interruption, wandb)
      finally:
        checkpoints.close()


def _train(
  config: ConfigDict,
  workdir: pathlib.Path,
  data: Prepared,
  checkpoints: Checkpoints | None,
  classifier: Classifier | None,
  interruption: Interruption,
  wandb: bool = False,
) -> int:
  """Trains; without checkpoints as one of many processes that does not lead."""
  shape, asked = (data.images.shape[1:], len(data.class_names)), config.precision
  networks = build(config.model, *shape)

  def settled_record(begun: Record | None) -> Record:
    settle_precision(config, begun)
    known = begun.get("classifier") if begun else None
    return make_record(config, data, asked, classifier.sha256 if classifier else known)

  def like() -> GANState:
    return abstract_state(networks, config.optimizer, config.seed)

  begun = resume(checkpoints, workdir, settled_record, like) if checkpoints else None
  record = begun.record if begun else settled_record(None)
  processes.meet("begin")
  _agree(config, data)
  start = int(processes.from_lead(np.int32(begun.step if begun else 0)))
  stop = configs.total_steps(config, len(data.images))
  if checkpoints:
    _announce(config, workdir, len(data.images), begun and start, stop)
    mark(workdir, start, stop)
  if start >= stop:
    return EXIT_OK

  program = make_program(config, *shape)
  state = processes.from_lead(begun.state if begun else initial_state(program, classifier))
  state = parallel.replicate(state)

  longest = configs.longest_dispatch(config, jax.default_backend())
  dispatches = schedule(start, stop, longest, configs.intervals(config))
  feed = make_feed(config, data, dispatches, longest)

  run: Run | Follower = Follower(config, start, stop)
  if checkpoints:
    board = WandbBoard(workdir, flat(record["config"])) if wandb else None
    run = Run(workdir, config, networks, checkpoints, record, start, stop, board)
  try:
    interrupted = _loop(run, program, state, feed, dispatches, interruption)
  except DivergedError as error:
    run.diverged(error)
    return EXIT_DIVERGED
  finally:
    run.close()
  if interrupted:
    return EXIT_INTERRUPTED
  run.say(f"Finished at step {stop}. {_next_steps(workdir)}")
  return EXIT_OK


def _agree(config: ConfigDict, data: Prepared) -> None:
  """Sees to it that all processes train the same, in the leader's precision.

  Raises:
    UserError: this one has another config or other images than the leader, or cannot compute in
      its precision.
  """
  own = config.copy_and_resolve_references()
  own.precision = own.data.data_dir = None
  if not processes.lead_has(f"{own.to_json(sort_keys=True)} {data.fingerprint}"):
    raise UserError(
      "another config, or other images, than the first process has: start all with the same flags, "
      f"and prepare {config.data.name} on every host from the same source."
    )
  chosen = processes.lead_says(config.precision, (None, *PRECISIONS))
  if chosen not in (config.precision, "float32"):
    raise UserError(
      f"config.precision: the first process computes in {chosen}, which does not work on this "
      "host. Set it to float32 for all."
    )
  config.precision = chosen


def _loop(
  run: Run | Follower,
  program: Program,
  state: GANState,
  feed: Feed,
  dispatches: Sequence[Dispatch],
  interruption: Interruption,
) -> bool:
  """Trains to the end, or until it is told to stop; returns whether it was. Saves in both cases.

  Raises:
    DivergedError: a metric is not finite.
    OSError, WriteError: something cannot be written.
  """
  processes.meet("first update")
  for dispatch, batches in zip(dispatches, feed.stacks, strict=True):
    state, metrics = program.update(state, feed.source, batches, dispatch.steps)
    run.after(dispatch, state, metrics)
    if (asked := interruption.due()) and dispatch is not dispatches[-1]:
      reached = dispatch.start + dispatch.steps
      run.interrupt(reached, state)
      run.say(f"{asked.name}: saved step {reached}. {_AGAIN}")
      return True
  run.finish()
  return False


_AGAIN = "The same command resumes from there."


@contextlib.contextmanager
def _writing(workdir: pathlib.Path) -> Iterator[None]:
  """Turns a full disk, or a file where a folder should be, into a message."""
  try:
    yield
  except (OSError, WriteError) as error:
    late = isinstance(error, WriteError)
    cause = error.__cause__ if late else error
    names = (getattr(cause, name, None) for name in ("filename2", "filename"))  # 2: of a renaming
    what = next(filter(None, names), None) or workdir / ("tensorboard" if late else "")
    # TensorFlow puts a function's name and a path before the reason, and more lines after it.
    reason = getattr(cause, "strerror", None) or str(cause).partition("\n")[0].rpartition("; ")[2]
    raise UserError(
      f"{what}: cannot be written: {reason}.\n"
      f"Once that is mended, the same command goes on from the newest checkpoint in {workdir}."
    ) from error


def _announce(
  config: ConfigDict, workdir: pathlib.Path, count: int, resumed: int | None, stop: int
) -> None:
  devices = jax.devices()
  where = f"{len(devices)} {devices[0].device_kind} device" + ("s" if len(devices) > 1 else "")
  what = f", {config.data.expression}" if config.data.expression else ""
  lines = [
    f"{config.data.name}/{config.data.split}{what}: {count:,} images; {stop:,} steps of "
    f"{config.batch_size} on {where}; workdir {workdir}"
  ]
  if resumed is not None and resumed >= stop:
    lines.append(
      f"Already at step {resumed:,}: nothing left to do. To go on, raise --config.num_epochs"
      f"{' or --config.num_steps' if config.num_steps else ''}."
    )
  elif resumed is not None:
    lines.append(f"Resuming from the checkpoint of step {resumed:,}.")
  print("\n".join(lines), file=sys.stderr, flush=True)


def _next_steps(workdir: pathlib.Path) -> str:
  flag = shlex.quote(f"--workdir={workdir}")
  return (
    f"What became of it: {workdir}/report.html (open it in a browser)\n"
    f"More faces:  python -m dcgan_jax.sample {flag} --ema --out=grid.png\n"
    f"Scores:      python -m dcgan_jax.evaluate {flag}"
  )
