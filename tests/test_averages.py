import jax.numpy as jnp
import pytest

from dcgan_jax.averages import Averages, DivergedError


def metrics(loss, accuracy=0.0):
  return {"loss": jnp.float32(loss), "accuracy": jnp.float32(accuracy)}


def test_dispatches_count_by_their_updates():
  averages = Averages(start=0)
  averages.add(3, metrics(1.0, 0.5))
  averages.add(1, metrics(5.0, 0.1))
  # (3 · 1 + 5) / 4 and (3 · 0.5 + 0.1) / 4.
  assert averages.read() == {"loss": 2.0, "accuracy": pytest.approx(0.4)}


def test_taking_begins_anew_and_reading_does_not():
  averages = Averages(start=0)
  averages.add(1, metrics(1.0))
  assert averages.read() == averages.take()
  averages.add(1, metrics(3.0))
  assert averages.take()["loss"] == 3.0


def test_of_nothing_there_are_no_averages():
  averages = Averages(start=0)
  assert averages.read() == {}
  averages.add(1, metrics(1.0))
  averages.take()
  assert averages.read() == {}


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_named_with_the_steps_since_it_was(loss):
  averages = Averages(start=8)
  averages.add(8, metrics(1.0))
  averages.take()
  averages.add(8, metrics(loss))
  with pytest.raises(DivergedError, match="loss stopped being finite between steps 16 and 24"):
    averages.read()


def test_what_was_read_was_finite_though_it_was_not_taken():
  averages = Averages(start=0)
  averages.add(8, metrics(1.0))
  averages.read()
  averages.add(8, metrics(float("nan"), float("nan")))
  with pytest.raises(
    DivergedError, match="accuracy, loss stopped being finite between steps 8 and 16"
  ):
    averages.take()
