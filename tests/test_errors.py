import os
import signal

import pytest

from dcgan_jax.errors import UserError, fail, run_command


def end_of(body):
  with pytest.raises(SystemExit) as end:
    run_command("prepare", body)
  return end.value.code


def test_a_command_ends_with_the_code_its_body_returns():
  assert end_of(lambda: None) == 0
  assert end_of(lambda: 75) == 75


def test_a_users_mistake_is_a_message_and_code_2(capsys):
  def body():
    raise UserError("row 3: too short.\nSkip it:  --on-error=skip")

  assert end_of(body) == 2
  expected = "prepare: row 3: too short.\n         Skip it:  --on-error=skip\n"
  assert capsys.readouterr().err == expected


def test_ctrl_c_is_a_line_and_code_75(capsys):
  def body():
    raise KeyboardInterrupt

  assert end_of(body) == 75
  assert capsys.readouterr().err == "prepare: interrupted. Run the same command again.\n"


def test_sigterm_ends_like_ctrl_c(capsys):
  def body():
    os.kill(os.getpid(), signal.SIGTERM)

  before = signal.getsignal(signal.SIGTERM)
  try:
    assert end_of(body) == 75
  finally:
    signal.signal(signal.SIGTERM, before)
  assert capsys.readouterr().err == "prepare: interrupted. Run the same command again.\n"


@pytest.mark.parametrize(
  ("argument", "refused"),
  [
    ("--workdir=gs://bucket/run", True),
    ("gs://bucket/run", True),
    ("--source=https://somewhere/fer2013.csv", True),
    ("--config.data.data_dir=gs://bucket/data", True),
    ("-workdir=gs://bucket/run", True),
    ("--config=configs/ex2.py", False),
    ("--workdir=runs/gs", False),
    ("--coordinator=10.0.0.1:8476", False),
  ],
)
def test_an_address_is_no_path(monkeypatch, capsys, argument, refused):
  monkeypatch.setattr("sys.argv", ["prepare", argument])
  assert end_of(lambda: None) == (2 if refused else 0)
  assert (f"prepare: {argument}: an address" in capsys.readouterr().err) == refused


def test_a_defect_of_ours_stays_a_traceback():
  with pytest.raises(ZeroDivisionError):
    run_command("prepare", lambda: 1 // 0)


def test_an_empty_message_still_names_the_command(capsys):
  with pytest.raises(SystemExit):
    fail("main", "")
  assert capsys.readouterr().err == "main: \n"


@pytest.mark.parametrize(("length", "end"), [(8000, "xx\n"), (8001, "x …\n")])
def test_a_message_that_is_cut_says_so(capsys, length, end):
  with pytest.raises(SystemExit):
    fail("main", "x" * length)
  told = capsys.readouterr().err
  assert told.endswith(end)
  assert told.count("x") == 8000
