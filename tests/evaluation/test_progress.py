import numpy as np
import pytest

from dcgan_jax.evaluation import progress as module
from dcgan_jax.evaluation.progress import progress


@pytest.fixture
def clock(monkeypatch):
  """Seconds that a test sets."""
  now = [0.0]
  monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
  return now


def timed(clock, seconds, sizes):
  for size in sizes:
    clock[0] += seconds
    yield np.zeros((size, 2))


def test_batches_pass_through_unchanged():
  batches = [np.ones((3, 2)), np.ones((1, 2))]
  passed = list(progress(batches, 4, "features"))
  assert [one is other for one, other in zip(passed, batches, strict=True)] == [True, True]


def test_a_log_file_gets_a_line_a_minute_with_speed_and_time_left(clock, capsys):
  for _ in progress(timed(clock, 30, [60] * 5), 300, "features of a set"):
    pass
  # After a minute 120 of 300 images in 60 s: 2 a second, 90 s for the rest; then 240, 30 s. The
  # last batch comes 30 s later, when all is done.
  assert capsys.readouterr().err.splitlines() == [
    "features of a set: 120 of 300 images, 2.0 images/s, 01:30 left",
    "features of a set: 240 of 300 images, 2.0 images/s, 00:30 left",
  ]


def test_what_was_done_before_counts_as_done_and_not_as_speed(clock, capsys):
  for _ in progress(timed(clock, 60, [60, 40]), 200, "features", start=100):
    pass
  assert capsys.readouterr().err.splitlines() == [
    "features: 160 of 200 images, 1.0 images/s, 00:40 left"
  ]


def test_what_is_quick_says_nothing(capsys):
  list(progress([np.zeros((3, 2))], 3, "features"))
  assert capsys.readouterr().err == ""


def test_nothing_is_asked_for_ahead():
  asked = []

  def batches():
    for i in range(3):
      asked.append(i)
      yield np.zeros((1, 2))

  next(iter(progress(batches(), 3, "features")))
  assert asked == [0]
