import pytest
from hand_made import write_run
from page_reader import PageReader

from dcgan_jax.reporting import live
from dcgan_jax.reporting.live import LivePage, refresh
from dcgan_jax.workdir_lock import sole_trainer


@pytest.fixture
def workdir(tmp_path):
  return write_run(tmp_path / "a")


class Clock:
  """A clock that goes on when something takes time."""

  def __init__(self):
    self.now = 1e6

  def monotonic(self):
    return self.now


@pytest.fixture
def clock(monkeypatch):
  clock = Clock()
  monkeypatch.setattr(live, "time", clock)
  return clock


def text_of(workdir):
  return PageReader((workdir / "report.html").read_text()).text


def test_a_page_says_that_the_training_goes_on_until_it_does_not(workdir):
  page = LivePage(workdir)
  page.write()
  assert "training 9 of 12 updates; 1 s left." in text_of(workdir)
  page.write(training=False)
  assert "not finished 9 of 12 updates." in text_of(workdir)


@pytest.mark.parametrize(
  # 1.5 s are a fortieth of a minute: what takes longer waits for forty times as long.
  ("takes", "waits"),
  [(0.5, 60.0), (1.5, 60.0), (3.0, 120.0)],
)
def test_it_is_due_at_first_and_then_from_time_to_time(tmp_path, monkeypatch, clock, takes, waits):
  def write(workdir, training):
    clock.now += takes

  monkeypatch.setattr(live, "write_page", write)
  page = LivePage(tmp_path)
  assert page.due()
  page.write()
  clock.now += waits - 0.1
  assert not page.due()
  clock.now += 0.2
  assert page.due()


def fail(*arguments, **more):
  raise ValueError("met something odd")


def test_what_a_page_meets_is_said_and_no_training_ends_by_it(workdir, monkeypatch, capsys, clock):
  monkeypatch.setattr(live, "write_page", fail)
  page = LivePage(workdir)
  page.write()
  said = capsys.readouterr().err
  assert said == f"{workdir}/report.html: not written: ValueError('met something odd')\n"
  assert not page.due()  # nor does it try at each log point


def test_a_page_is_refreshed_by_another_process_than_its_trainers(workdir):
  with sole_trainer(workdir):
    refresh(workdir)
    assert "training 9 of 12 updates" in text_of(workdir)
  refresh(workdir)
  assert "not finished" in text_of(workdir)


def test_a_run_that_is_finished_is_so_while_its_trainer_still_holds_the_lock(workdir):
  (workdir / "finished.json").write_text("{}")
  with sole_trainer(workdir):
    refresh(workdir)
  assert "finished 9 updates" in text_of(workdir)


def test_a_page_that_cannot_be_refreshed_is_said_and_nothing_ends_by_it(
  workdir, monkeypatch, capsys
):
  (workdir / "report.html").mkdir()
  refresh(workdir)
  said = capsys.readouterr().err
  assert said == f"{workdir}/report.html: not written: Is a directory\n"
  monkeypatch.setattr(live, "write_page", fail)
  refresh(workdir)
  assert "not written: ValueError" in capsys.readouterr().err
