import io
import sys

import pytest

from dcgan_jax import progress as module
from dcgan_jax.progress import Progress


def test_without_a_terminal_a_report_is_a_line_with_speed_and_time_left(capsys):
  progress = Progress(start=0, stop=100, batch_size=8)
  progress.advance(20)
  progress.report(20, "all is well", 16.0)
  progress.close()
  # 80 steps of 8 images at 16 images/s: 40 seconds.
  assert capsys.readouterr().err == "step 20/100  all is well  16.0 images/s  00:40 left\n"


def test_speed_is_measured_since_the_last_time(monkeypatch):
  clock = iter([100.0, 104.0, 105.0])
  monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
  progress = Progress(start=50, stop=100, batch_size=8)
  # 10 steps of 8 in 4 seconds, then 5 in one.
  assert progress.measure(60) == pytest.approx(20.0)
  assert progress.measure(65) == pytest.approx(40.0)
  progress.close()


class Terminal(io.StringIO):
  def isatty(self):
    return True


def test_until_the_first_update_a_terminal_says_what_is_waited_for(monkeypatch):
  monkeypatch.setattr(sys, "stderr", Terminal())
  progress = Progress(start=50, stop=100, batch_size=8)
  assert "compiling" in sys.stderr.getvalue()
  progress.close()


def test_on_a_terminal_a_bar_shows_what_was_said_last(monkeypatch):
  monkeypatch.setattr(sys, "stderr", Terminal())
  progress = Progress(start=0, stop=100, batch_size=8)
  progress.advance(20)
  progress.report(20, "all is well", 16.0)
  progress.close()
  shown = sys.stderr.getvalue().rpartition("\r")[2]
  assert " 20%|" in shown
  assert "160/800" in shown
  assert "all is well" in shown
  assert "compiling" not in shown
  assert "16.0 images/s" not in sys.stderr.getvalue()  # the bar has a speed of its own
