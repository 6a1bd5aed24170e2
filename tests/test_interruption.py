import os
import signal

import pytest

from dcgan_jax.interruption import Interruption


@pytest.fixture(autouse=True)
def usual_handlers():
  """Python's own handlers: a shell that starts us in the background has SIGINT ignored."""
  numbers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
  before = {number: signal.signal(number, handler) for number, handler in numbers.items()}
  yield
  for number, handler in before.items():
    signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_remembered_rather_than_fatal(number):
  with Interruption() as interruption:
    assert interruption.requested is None
    os.kill(os.getpid(), number)
    assert interruption.requested == number


def test_a_second_signal_acts_as_ever():
  with Interruption():
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
      os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_the_handlers_are_as_before():
  before = signal.getsignal(signal.SIGTERM)
  with Interruption():
    assert signal.getsignal(signal.SIGTERM) != before
  assert signal.getsignal(signal.SIGTERM) == before
