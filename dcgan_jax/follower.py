"""One of many processes that does not lead: it watches the losses, and leaves the rest to Run."""

from ml_collections import ConfigDict

from dcgan_jax.averages import Averages, DivergedError
from dcgan_jax.data.schedule import Dispatch
from dcgan_jax.gan.state import GANState
from dcgan_jax.gan.step import Metrics


class Follower:
  """What Run is in the leading process, without a workdir.

  It averages where Run does, so that both see losses that are not finite after the same dispatch.
  """

  def __init__(self, config: ConfigDict, start: int, stop: int):
    """Begins at `start`; arguments as for Run."""
    self._config, self._stop = config, stop
    self._averages = Averages(start)

  def after(self, dispatch: Dispatch, state: GANState, metrics: Metrics) -> None:
    """Notes a dispatch.

    Raises:
      DivergedError: as Run does.
    """
    step = dispatch.start + dispatch.steps
    self._averages.add(dispatch.steps, metrics)
    if step == self._stop or step % self._config.log_every == 0:
      self._averages.take()
    if step == self._stop or step % self._config.checkpoint_every == 0:
      self.save(step, state)

  def save(self, step: int, state: GANState) -> None:
    """Saves nothing. Errors as above."""
    del step, state
    self._averages.read()

  def interrupt(self, step: int, state: GANState) -> None:
    """Has nothing to save or to wait for. Errors as above."""
    self.save(step, state)

  def finish(self) -> None:
    """Has nothing to finish."""

  def diverged(self, error: DivergedError) -> None:
    """Leaves it to the leader, who has met the same error."""

  def say(self, text: str) -> None:
    """Leaves it to the leader."""

  def close(self) -> None:
    """Has nothing to close."""
