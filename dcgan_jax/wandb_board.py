"""What TensorBoard shows, in Weights & Biases too, for those who ask for it."""

import os
import pathlib
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dcgan_jax.errors import UserError
from dcgan_jax.files import read_json, write_json

_NAME = "wandb.json"  # the run's name there, so that a resumed run goes on in it
_STEP = "step"  # completed updates; W&B's own step would refuse a picture that comes a little late


class WandbBoard:
  """A run in Weights & Biases, or, with WANDB_MODE=offline, in the workdir's wandb/."""

  def __init__(self, workdir: pathlib.Path, hyperparameters: Mapping[str, Any]):
    """Begins the run, or goes on with the one that the workdir began.

    The project is $WANDB_PROJECT, or dcgan_jax.

    Args:
      workdir: the run's folder.
      hyperparameters: by name.

    Raises:
      UserError: the package is not installed, or cannot begin a run: not logged in, no network.
      OSError: the workdir cannot be written.
    """
    try:
      import wandb
    except ImportError as error:
      raise UserError(
        '--wandb: the package wandb is not installed:  pip install ".[wandb]"'
      ) from error
    self._image, identity = wandb.Image, _identity(workdir)
    try:
      self._run = wandb.init(
        project=os.environ.get("WANDB_PROJECT", "dcgan_jax"),
        name=workdir.absolute().name,
        dir=workdir,
        id=identity,
        resume="allow",
        config=dict(hyperparameters),
      )
    except Exception as error:  # of settings too, which another package checks
      raise UserError(
        f"--wandb: {error}\nWho has not logged in:  wandb login\nTo keep the run here, and send it "
        "later with  wandb sync:  WANDB_MODE=offline"
      ) from error
    self._is_lost = False
    self._run.define_metric(_STEP, hidden=True)
    self._run.define_metric("*", step_metric=_STEP)

  def scalars(self, step: int, scalars: dict[str, float]) -> None:
    """Sends named scalars; returns at once."""
    self._try(lambda: self._run.log({_STEP: step, **scalars}))

  def images(self, step: int, images: dict[str, np.ndarray]) -> None:
    """Sends named pictures, uint8 [height, width, channels] each; returns at once."""
    named = {name: self._image(one) for name, one in images.items()}
    self._try(lambda: self._run.log({_STEP: step, **named}))

  def flush(self) -> None:
    """Has nothing to wait for: another process sends, and keeps what it has not sent on disk."""

  def close(self) -> None:
    """Waits until everything is sent, and ends the run there."""
    self._try(self._run.finish)

  def _try(self, send: Callable[[], object]) -> None:
    """Sends, as long as that works: the process that sends may die, and the training goes on."""
    if self._is_lost:
      return
    try:
      send()
    except Exception as error:
      self._is_lost = True
      what = f"--wandb: nothing is sent any more: {error!r}. The training goes on."
      print(what, file=sys.stderr, flush=True)


def _identity(workdir: pathlib.Path) -> str:
  try:
    return str(read_json(workdir / _NAME)["id"])
  except (OSError, ValueError, KeyError):
    identity = secrets.token_hex(8)
    write_json(workdir / _NAME, {"id": identity})
    return identity
