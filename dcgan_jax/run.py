"""One run's workdir: what it leaves behind, and when.

config.json      the config, as last used
metrics.jsonl    scalars, one line per log point
curves.png       the same, drawn
samples/         the same latents over time, with the raw weights and with the EMA; of a model with
                 classes the same faces in a row, a column for each class
checkpoints/     Orbax
damaged/         checkpoints that were found damaged, if any
tensorboard/     event files
lock             held by the training; says by which process last
report.html      all of this as a page, and the scores that an evaluation has added
run.json         each start of the training, and on what (sessions.py)
finished.json, diverged.json: see ending.py
"""

import pathlib
import tempfile
from typing import Any

from ml_collections import ConfigDict

from dcgan_jax.artist import Artist, Drawing
from dcgan_jax.averages import Averages, DivergedError
from dcgan_jax.checkpoints import Checkpoints, Record
from dcgan_jax.config_files import flat
from dcgan_jax.data.schedule import Dispatch
from dcgan_jax.ending import mark_diverged, mark_finished
from dcgan_jax.errors import UserError
from dcgan_jax.files import write_json
from dcgan_jax.gan.sampling import make_sampler
from dcgan_jax.gan.sheet import make_sheet
from dcgan_jax.gan.state import GANState, weights
from dcgan_jax.gan.statistics import make_measure
from dcgan_jax.gan.step import Metrics
from dcgan_jax.models.networks import Networks
from dcgan_jax.progress import Progress
from dcgan_jax.record import class_counts
from dcgan_jax.sessions import note_session
from dcgan_jax.tracking import Boards, JsonLines, TensorBoard
from dcgan_jax.wandb_board import WandbBoard

NUM_SAMPLES = 64
_TRY = "Try a lower --config.optimizer.learning_rate, or another --config.seed, in a new --workdir."


def open_workdir(workdir: pathlib.Path) -> None:
  """Makes the workdir where it is missing.

  Raises:
    UserError: it is a file, or cannot be made or written to.
  """
  try:
    workdir.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=workdir).close()
  except (FileExistsError, NotADirectoryError) as error:
    raise UserError(
      f"--workdir={workdir}: {error.filename} is a file, not a folder. Name another folder."
    ) from error
  except OSError as error:
    raise UserError(f"--workdir={workdir}: cannot be written: {error.strerror}.") from error


class Run:
  """Watches the training loop: logs, draws and saves at the config's intervals."""

  def __init__(
    self,
    workdir: pathlib.Path,
    config: ConfigDict,
    networks: Networks,
    checkpoints: Checkpoints,
    record: Record,
    start: int,
    stop: int,
    wandb: WandbBoard | None = None,
  ):
    """Opens the workdir's files.

    Args:
      workdir: an existing folder.
      config: the run's config.
      networks: to draw samples with, outside of a mapped axis.
      checkpoints: of the workdir; the caller closes them.
      record: to store in each checkpoint.
      start: the step the run starts or resumes from.
      stop: the step at which it is finished.
      wandb: to show it there too; closed with the run.
    """
    self._workdir, self._config = workdir, config
    self._checkpoints, self._record, self._stop = checkpoints, record, stop
    write_json(workdir / "config.json", record["config"])
    note_session(workdir, record, start, stop)
    self._lines = JsonLines(workdir / "metrics.jsonl", resumed_at=start)
    tensorboard = TensorBoard(workdir / "tensorboard", flat(record["config"]))
    self._boards = Boards(tensorboard, wandb)
    self._artist = Artist(workdir, self._boards)
    self._progress = Progress(start, stop, config.batch_size)
    self._sampler = make_sampler(networks)
    counts = class_counts(record, networks.num_classes)
    self._measure = make_measure(networks, config.seed, counts)
    self._sheet = make_sheet(networks, config.seed, NUM_SAMPLES)
    self._averages = Averages(start)
    self._saved = start

  def after(self, dispatch: Dispatch, state: GANState, metrics: Metrics) -> None:
    """Notes a dispatch, and does whatever is due at the step it reached.

    Raises:
      DivergedError: a metric is not finite at a log point or before a checkpoint.
    """
    step = dispatch.start + dispatch.steps
    self._averages.add(dispatch.steps, metrics)
    self._progress.advance(dispatch.steps)
    last = step == self._stop
    if last or step % self._config.log_every == 0:
      self._log(step)
    if last or step % self._config.sample_every == 0:
      self._draw(step, state)
    elif step % self._config.log_every == 0:
      self._artist.refresh(step)
    if last or step % self._config.checkpoint_every == 0:
      self.save(step, state)

  def save(self, step: int, state: GANState) -> None:
    """Saves a checkpoint, unless this step has one already.

    Raises:
      DivergedError: a metric is not finite; older checkpoints stay as they are.
    """
    if step != self._saved:
      self._averages.read()
      self._checkpoints.save(step, state, self._record)
      self._saved = step

  def interrupt(self, step: int, state: GANState) -> None:
    """Saves a run that is to be resumed, and waits until everything is on disk.

    Raises:
      DivergedError: as above.
      OSError: something could not be drawn.
    """
    self.save(step, state)
    self._settle()

  def finish(self) -> None:
    """Marks the run as finished, once everything else is on disk. Errors as above."""
    self._settle()
    mark_finished(self._workdir, self._stop)

  def diverged(self, error: DivergedError) -> None:
    """Marks the run as diverged, and says what is left of it."""
    newest = max(self._checkpoints.steps(), default=None)
    mark_diverged(self._workdir, newest or 0)
    kept = "no checkpoint was saved yet" if newest is None else f"checkpoint {newest} is intact"
    self.say(f"{error} Training stopped; {kept}.\n{_TRY}")

  def say(self, text: str) -> None:
    """Prints a line among the progress."""
    self._progress.say(text)

  def close(self) -> None:
    """Waits for what is being written, and ends the progress bar."""
    self._progress.close()
    self._artist.close()
    self._checkpoints.wait()
    self._boards.close()

  def _settle(self) -> None:
    self._artist.wait()
    self._checkpoints.wait()
    self._boards.flush()

  def _log(self, step: int) -> None:
    scalars = self._averages.take()
    scalars["images_per_second"] = self._progress.measure(step)
    self._lines.write({"step": step, **scalars})
    self._boards.scalars(step, scalars)
    self._progress.report(step, in_short(scalars), scalars["images_per_second"])

  def _draw(self, step: int, state: GANState) -> None:
    kinds: dict[str, Any] = {"": weights(state.generator), "_ema": self._measure(state.ema)}
    inputs = self._sheet.latents, self._sheet.classes
    # Queued on the device before the next update overwrites the state, and fetched by the artist.
    samples = {suffix: self._sampler(g, *inputs)[0] for suffix, g in kinds.items()}
    self._artist.draw(Drawing(step, samples, self._sheet.columns, self._lines.rows))


def in_short(scalars: dict[str, float]) -> str:
  """The scalars that tell how the game stands, in a line."""
  text = (
    f"loss D {scalars['discriminator_loss']:.3f} G {scalars['generator_loss']:.3f}, "
    f"D right on real {scalars['accuracy_real']:.0%} fake {scalars['accuracy_fake']:.0%}"
  )
  if "class_accuracy_real" in scalars:
    text += (
      f", class right on real {scalars['class_accuracy_real']:.0%} "
      f"fake {scalars['class_accuracy_fake']:.0%}"
    )
  return text
