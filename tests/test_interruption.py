import os
import signal

import pytest

from dcgan_jax.interruption import Interruption


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
